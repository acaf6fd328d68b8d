import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { IconArrowsSplit2, IconSearch, IconUsersGroup } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, asProblem, must } from '../../api/client'
import { useMay } from '../../api/session'
import { Confirm } from '../../ui/Confirm'
import { Copy } from '../../ui/Copy'
import { DataTable } from '../../ui/DataTable'
import { Panel } from '../../ui/Page'
import { Empty, Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { nameless, traitText } from '../../words/words'
import { findPeople, personKey, type Person } from '../queries'
import { shown } from './BriefPanel'
import { IdentityGraph, useGraph } from './IdentityGraph'
import { words } from '../../words/i18n'

const t = words('people')
const ui = words('ui')

const text = (i: { namespace: string; value: string }) => `${i.namespace}:${i.value}`

/** By what they are known, and what we know, with where each came from. */
export function Identities({ person }: { person: Person }) {
  const may = useMay()
  const [cut, setCut] = useState<string[]>([])
  const [asking, setAsking] = useState(false)
  const [merging, setMerging] = useState(false)
  const ids = person.identifiers
  const split = useAct({
    run: () => must(api.POST('/api/v1/people/{id}/split', { params: { path: { id: person.id } }, body: { identifiers: cut } })),
    done: t('split.done'), touches: [personKey(person.id)],
    after: () => { setCut([]); setAsking(false) },
  })
  const traits = Object.keys(person.traits).sort()
  const merged = !!useGraph(person.id).data?.merged.length
  const splitting = may('people:merge') && ids.length > 1
  return (
    <div className="stack loose">
      <Panel title={t('ids')} aside={may('people:merge') && <div className="row">
        <Button size="compact-sm" variant="light" leftSection={<IconUsersGroup size={14} />} onClick={() => setMerging(true)}>{t('merge')}</Button>
        {splitting && <Button size="compact-sm" variant="light" leftSection={<IconArrowsSplit2 size={14} />} disabled={!cut.length || cut.length >= ids.length} onClick={() => setAsking(true)}>{t('split.off')}</Button>}
      </div>}>
        <ul className="stack" style={{ gap: 6 }}>
          {ids.map((i) => (
            <li key={text(i)} className="row" style={{ gap: 10 }}>
              {splitting && <Checkbox size="xs" aria-label={t('ids.choose', { id: text(i) })} checked={cut.includes(text(i))} onChange={(e) => setCut(e.currentTarget.checked ? [...cut, text(i)] : cut.filter((c) => c !== text(i)))} />}
              <span className="soft" style={{ minWidth: 96 }}>{traitText(i.namespace)}</span>
              <span className="mono cut">{i.value}</span>
              <Copy value={text(i)} label={ui('copy.this', { what: text(i) })} />
            </li>
          ))}
        </ul>
        {splitting && <p className="soft small" style={{ marginTop: 10 }}>{t('split.about')}</p>}
      </Panel>
      <IdentityGraph person={person} />
      <Panel flush title={t('traits')}>
        {traits.length ? (
          <DataTable caption={t('traits')} rows={traits} rowKey={(name) => name} columns={[
            { name: t('traits.trait'), lead: true, cell: (name) => <b style={{ fontWeight: 550 }}>{traitText(name)}</b> },
            { name: t('traits.value'), cell: (name) => shown(person.traits[name]) },
            { name: t('traits.from'), kind: 'fit', cell: (name) => person.traits_from[name]?.source ?? '–' },
            { name: t('when'), kind: 'fit', cell: (name) => <When at={person.traits_from[name]?.at} /> },
          ]} />
        ) : <Empty title={t('traits.none')}>{t('traits.none-about')}</Empty>}
      </Panel>
      <Confirm opened={asking} onClose={() => setAsking(false)} title={t('split.title')} action={t('split')} busy={split.isPending} onConfirm={() => split.mutate(undefined)}>
        <ul>{cut.map((c) => <li key={c} className="mono">{c}</li>)}</ul>
        <p>{merged ? t('split.back') : t('split.bare')}</p>
        <p className="soft">{t('split.after')}</p>
      </Confirm>
      <MergeForm person={person} opened={merging} onClose={() => setMerging(false)} />
    </div>
  )
}

export function MergeForm({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const go = useNavigate()
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed.trim(), 200)
  const [other, setOther] = useState<string>()
  const found = useQuery({ queryKey: ['people', 'find', asked], enabled: opened && asked.length >= 2, queryFn: ({ signal }) => findPeople(asked, 8, signal) })
  const merge = useAct({
    quiet: true, done: t('merge.done'), touches: [['people']],
    run: (other: string) => must(api.POST('/api/v1/people/{id}/merge', { params: { path: { id: person.id } }, body: { with: other } })),
    after: (out) => { onClose(); void go(`/people/${out.person}?tab=identity`) }, // where a split undoes it
  })
  const others = found.data?.filter((p) => p.id !== person.id) ?? []
  return (
    <Modal opened={opened} onClose={onClose} title={t('merge.title', { name: person.name || nameless(person.id) })} onExitTransitionEnd={() => { setTyped(''); setOther(undefined) }}>
      <div className="stack">
        {merge.isError && <Trouble problem={asProblem(merge.error)} />}
        <TextInput label={t('merge.other')} placeholder={t('merge.other-example')} leftSection={<IconSearch size={15} />} value={typed} onChange={(e) => { setTyped(e.currentTarget.value); setOther(undefined) }} data-autofocus />
        <ul className="stack" style={{ gap: 4 }} role="group" aria-label={t('merge.found')}>
          {others.map((p) => (
            <li key={p.id} className="row between">
              <label className="row grow" style={{ cursor: 'pointer' }}>
                <input type="radio" name="other" checked={other === p.id} onChange={() => setOther(p.id)} />
                <span className="cut">{p.name || nameless(p.id)} <span className="soft small">{p.email ?? p.phone}</span></span>
              </label>
              <Link to={`/people/${p.id}`} target="_blank" className="small">{t('merge.look')}</Link>
            </li>
          ))}
        </ul>
        {asked.length >= 2 && found.isSuccess && !others.length && <p className="soft">{t('merge.nobody')}</p>}
        <p className="soft small">{t('merge.about')}</p>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
          <Button disabled={!other} loading={merge.isPending} onClick={() => other && merge.mutate(other)}>{t('merge')}</Button>
        </div>
      </div>
    </Modal>
  )
}
