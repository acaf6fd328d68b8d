import { Select, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, must, type Schemas } from '../../api/client'
import { DataTable } from '../../ui/DataTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { some, useFilters } from '../../ui/useParams'
import { When } from '../../ui/When'
import { i18n, language, words } from '../../words/i18n'

const t = words('settings')

type Entry = Schemas['AuditEntry']

/** What can be done, by the API's code; one without a word shows as it came. */
const actionText = (code: string) => (i18n.exists(`audit.action.${code}`, { ns: 'settings' }) ? t(`audit.action.${code}`) : code)
const actions = () => Object.keys(i18n.getResourceBundle('en', 'settings') as object).filter((key) => key.startsWith('audit.action.')).map((key) => key.slice('audit.action.'.length))

export function Audit() {
  const [get, set] = useFilters()
  const f = { q: get('q'), actor: get('actor'), action: get('action'), target: get('target') }
  const audit = useInfiniteQuery({
    queryKey: ['audit', f], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/audit', { params: { query: { q: some(f.q), actor: some(f.actor), action: some(f.action), target: some(f.target), after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
  const change = useDebouncedCallback((name: string, value: string) => set({ [name]: value.trim() }), 300)
  const field = (name: 'q' | 'actor' | 'target', label: string, placeholder: string) => (
    <TextInput label={label} placeholder={placeholder} defaultValue={f[name]} onChange={(e) => change(name, e.currentTarget.value)} />
  )
  return (
    <>
      <div className="filters" role="search" aria-label={t('audit.filter')}>
        {field('q', t('audit.search'), t('audit.search-example'))}{field('actor', t('audit.who'), 'ann@example.com')}
        <Select label={t('audit.what')} placeholder={t('audit.any')} value={f.action || null} onChange={(v) => set({ action: v })} clearable searchable
          data={actions().map((code) => ({ value: code, label: actionText(code) })).sort((a, b) => a.label.localeCompare(b.label, language()))} />
        {field('target', t('audit.to'), 'segment regulars')}
      </div>
      <div className="panel">
        <More query={audit} empty={<Empty title={t('nothing-fits')}>{t('audit.empty')}</Empty>}>
          {(rows) => (
            <DataTable caption={t('tab.audit')} rows={rows} rowKey={(a) => a.id} columns={[
              { name: t('audit.who'), lead: true, cell: (a) => <><b style={{ fontWeight: 550 }}>{a.actor}</b><div className="soft small">{t(`audit.via.${a.via}`)}{a.address && ` ${t('audit.from', { address: a.address })}`}</div></> },
              { name: t('audit.what'), cell: (a) => <span title={a.action}>{actionText(a.action)}</span> },
              { name: t('audit.to'), cell: (a) => a.target || '–' },
              { name: t('audit.changed'), cell: (a) => <Diff a={a} /> },
              { name: t('audit.when'), kind: 'fit', cell: (a) => <When at={a.at} /> },
            ]} />
          )}
        </More>
      </div>
    </>
  )
}

function Diff({ a }: { a: Entry }) {
  const [open, setOpen] = useState(false)
  if (!a.diff.length) return <span className="soft">–</span>
  return (
    <div>
      <UnstyledButton className="small above" aria-expanded={open} style={{ color: 'var(--accent)' }} onClick={() => setOpen(!open)}>{open ? t('audit.close') : t('audit.fields', { count: a.diff.length })}</UnstyledButton>
      {open && <pre className="code wrap" tabIndex={0} role="region" aria-label={t('audit.changed')} style={{ marginTop: 6 }}>{a.diff.map((d, i) => <div key={i} className={d.startsWith('+') ? 'plus' : d.startsWith('-') ? 'minus' : undefined}>{d}</div>)}</pre>}
    </div>
  )
}
