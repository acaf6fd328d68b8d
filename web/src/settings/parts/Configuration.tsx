import { Button, Menu, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconChevronDown, IconPlus, IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { Await, Empty } from '../../ui/State'
import { Unsaved } from '../../ui/Unsaved'
import { useFilters } from '../../ui/useParams'
import { useSteady } from '../../ui/useSteady'
import { Rich } from '../../words/Rich'
import { kindText } from '../../words/words'
import { beginning, documents, specKinds, type SpecKind } from '../yaml'
import { Editor } from './Editor'
import './configuration.css'
import { words } from '../../words/i18n'

const t = words('settings')

type Spec = Schemas['Spec']

const managed: SpecKind[] = ['brand', 'source', 'channel']

/** Everything the brand has configured: choose on the left, read and change on the right. */
export function Configuration() {
  const specs = useQuery({ queryKey: ['specs', 'all'], queryFn: async () => (await must(api.GET('/api/v1/specs'))).items })
  // A text comes with the version that it is of, or an earlier one: what was asked first is not newer.
  const texts = useQuery({
    queryKey: ['specs', 'texts'],
    queryFn: async () => {
      const { items } = await must(api.GET('/api/v1/specs'))
      const found = documents((await must(api.GET('/api/v1/specs/export'))).files)
      return found.map((d) => ({ ...d, spec: items.find((s) => s.kind === d.kind && s.name === d.name) }))
    },
  })
  const [get, set] = useFilters()
  const go = useNavigate()
  const may = useMay()
  const [q, setQ] = useState('')
  const fresh = specKinds.find((k) => k === get('new'))
  const kind = get('kind')
  const name = get('name')
  const groups = useMemo(() => specKinds.map((k) => ({
    kind: k,
    items: (specs.data ?? []).filter((s) => s.kind === k && (!q || `${s.name} ${titleOf(s)}`.toLowerCase().includes(q.toLowerCase()))),
  })).filter((g) => g.items.length), [specs.data, q])
  const text = texts.data?.find((d) => d.kind === kind && d.name === name)
  const chosen = fresh || name
  const [dirty, setDirty] = useState(false)
  const open = useSteady(`${kind}/${name}`, text, dirty)
  return (
    <div className={chosen ? 'config chosen' : 'config'}>
      <Unsaved when={!!chosen && dirty} by={['kind', 'name', 'new']} />
      <nav className="panel" aria-label={t('documents')}>
        <div className="row" style={{ padding: '12px 12px 6px' }}>
          <TextInput className="grow" size="xs" aria-label={t('documents.find')} placeholder={t('find')} leftSection={<IconSearch size={14} />} value={q} onChange={(e) => setQ(e.currentTarget.value)} />
          {may('specs:write') && (
            <Menu position="bottom-end" shadow="md" width={340}>
              <Menu.Target><Button size="xs" leftSection={<IconPlus size={14} />} rightSection={<IconChevronDown size={12} />}>{t('new')}</Button></Menu.Target>
              <Menu.Dropdown>
                {specKinds.filter((k) => may('data:manage') || !managed.includes(k)).map((k) => (
                  <Menu.Item key={k} onClick={() => void go(`?new=${k}`, { preventScrollReset: true })}>{kindText(k)}<span className="soft small" style={{ display: 'block' }}>{t(`about.${k}`)}</span></Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </div>
        <Await query={specs}>{() => groups.length ? (
          <ul className="docs">
            {groups.map((g) => (
              <li key={g.kind}>
                <h2 title={t(`about.${g.kind}`)}>{kindText(g.kind)}</h2>
                <ul>{g.items.map((s) => (
                  <li key={s.name}><Link to={`?kind=${s.kind}&name=${encodeURIComponent(s.name)}`} aria-current={s.kind === kind && s.name === name ? 'page' : undefined} preventScrollReset>
                    <span className="cut">{titleOf(s)}</span><span className="soft small num">v{s.version}</span></Link></li>
                ))}</ul>
              </li>
            ))}
          </ul>
        ) : <Empty title={q ? t('nothing-fits') : t('documents.none')}>{t('documents.none-about')}</Empty>}</Await>
      </nav>
      <div className="panel">
        {fresh ? <Editor key={`new ${fresh}`} kind={fresh} text={beginning(fresh)} all={specs.data ?? []} fresh onDirty={setDirty} onSaved={(k, n) => set({ new: null, kind: k, name: n })} onClosed={() => set({ new: null })} />
          : name ? (
            <Await query={texts}>{() => open
              ? <Editor key={`${kind}/${name}/${open.text}`} kind={kind as SpecKind} name={name} text={open.text} spec={open.spec} all={specs.data ?? []} onDirty={setDirty} onSaved={(k, n) => set({ kind: k, name: n })} onClosed={() => set({ kind: null, name: null })} />
              : <Empty title={t('documents.gone', { kind: kindText(kind), name })}>{t('documents.gone-about')}</Empty>}</Await>
          ) : <Empty title={t('documents.choose')}><Rich folder="settings" of="documents.choose-about" parts={{ code: <code /> }} /></Empty>}
      </div>
    </div>
  )
}

const titleOf = (s: Spec) => (s.body as { title?: string } | undefined)?.title ?? s.name
