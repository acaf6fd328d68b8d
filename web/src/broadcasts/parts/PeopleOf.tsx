import { Button, Select } from '@mantine/core'
import { Link } from 'react-router'
import { Filters } from '../../ui/Filters'
import { DataTable } from '../../ui/DataTable'
import { More } from '../../ui/More'
import { Pill } from '../../ui/Pill'
import { Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { nameless, outcomeText, sentence } from '../../words/words'
import { usePeopleOf, type BroadcastPerson } from '../queries'
import { toneOf, why } from './ReasonBars'

const t = words('broadcasts')
const states = ['waiting', 'wanted', 'held_out', 'skipped', 'canceled']

export function PeopleOf({ name }: { name: string }) {
  const [get, set] = useFilters()
  const f = { state: get('state'), outcome: get('outcome'), reason: get('reason'), rule: '', variant: get('variant') }
  return (
    <div>
      <Filters label={t('tab.people')} active={Object.values(f).filter(Boolean).length}>
        <Select label={t('state')} clearable value={f.state || null} onChange={(v) => set({ state: v, reason: null })} data={states.map((s) => ({ value: s, label: t(`person.${s}`) }))} />
        <Select label={t('decision')} clearable value={f.outcome || null} onChange={(v) => set({ outcome: v, reason: null })} data={['send', 'hold', 'drop'].map((o) => ({ value: o, label: outcomeText(o) }))} />
        {f.reason && <Button className="auto" variant="default" onClick={() => set({ reason: null })}>{t('filter.reason', { reason: why(f.reason) })} ×</Button>}
      </Filters>
      <div className="panel">
        <More query={usePeopleOf(name, f)} empty={<Empty title={t('people.none')} />}>
          {(rows) => <People rows={rows} />}
        </More>
      </div>
    </div>
  )
}

/** People with what was decided for them, or would be. */
export function People({ rows, due }: { rows: BroadcastPerson[]; due?: boolean }) {
  return (
    <DataTable caption={t('tab.people')} rows={rows} rowKey={(p) => p.person.id} columns={[
      { name: t('person'), lead: true, cell: (p) => <><Link className="cover" to={`/people/${p.person.id}`}>{p.person.name || nameless(p.person.id)}</Link>{p.person.email && <div className="soft small">{p.person.email}</div>}</> },
      { name: t('decision'), kind: 'fit', beside: true, cell: (p) => <Decision p={p} /> },
      { name: t('why'), cell: (p) => <>{p.message && !due ? <Link className="above" to={`/messages/${p.message}`}>{reason(p)}</Link> : reason(p)}</> },
      { name: t('variant.column'), kind: 'fit', wide: true, cell: (p) => p.variant || <span className="soft">–</span> },
      due ? { name: t('due'), kind: 'fit', cell: (p) => <When at={p.due} none="–" /> } : { name: t('turn'), kind: 'fit', cell: (p) => <When at={p.turn ?? p.due} none="–" /> },
    ]} />
  )
}

function reason(p: BroadcastPerson) {
  const last = (['complained', 'opted_out', 'clicked', 'opened', 'bounced', 'failed', 'delivered', 'sent'] as const).find((k) => p[k])
  if (last) return t(`outcome.${last}`)
  if (p.state === 'waiting') return t('person.waiting')
  if (p.state === 'held_out' || p.reason === 'HOLDOUT') return t('reason.HOLDOUT')
  return p.text ? sentence(p.text) : p.reason ? why(p.reason) : '–'
}

function Decision({ p }: { p: BroadcastPerson }) {
  if (p.state && p.state !== 'wanted') return <Pill>{t(`person.${p.state}`)}</Pill>
  if (p.reason === 'HOLDOUT') return <Pill>{t('person.held_out')}</Pill>
  return <Pill tone={toneOf({ outcome: p.outcome, reason: p.reason ?? '' })}>{p.outcome ? outcomeText(p.outcome) : '–'}</Pill>
}
