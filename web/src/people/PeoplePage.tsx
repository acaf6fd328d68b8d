import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFilterCode, IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { useBrand } from '../shell/Shell'
import { DataTable } from '../ui/DataTable'
import { More } from '../ui/More'
import { Page } from '../ui/Page'
import { StagePill } from '../ui/Pill'
import { Empty } from '../ui/State'
import { useFilters } from '../ui/useParams'
import { When } from '../ui/When'
import { count, money } from '../words/numbers'
import { nameless, readable } from '../words/words'
import { useStages } from './parts/stages'
import { usePeople, useSpecNames, type PersonSummary } from './queries'

export default function PeoplePage() {
  const [get, set] = useFilters()
  const filter = { q: get('q'), stage: get('stage'), segment: get('segment'), rule: get('rule') }
  const people = usePeople(filter)
  const segments = useSpecNames('segment')
  const stages = useStages()
  const brand = useBrand()
  const [text, setText] = useState(filter.q)
  const [byRule, setByRule] = useState(!!filter.rule)
  useEffect(() => setText(filter.q), [filter.q])
  const search = useDebouncedCallback((q: string) => set({ q: q.trim(), stage: null, segment: null, rule: null }), 220)
  const filtered = filter.q || filter.stage || filter.segment || filter.rule

  return (
    <Page title="People" lead="Everyone the brand has met. Find a customer by the beginning of a name, an e-mail address, a phone or an order number, or exactly, as in user_id:u-17.">
      <div className="filters">
        <TextInput className="wide" type="search" label="Find" placeholder="Ann, ann@example.com, +351…, W-00205-1" leftSection={<IconSearch size={16} />} value={text}
          onChange={(e) => { setText(e.currentTarget.value); search(e.currentTarget.value) }} autoFocus />
        <Select label="Segment" placeholder="Any" data={segments.data ?? []} value={filter.segment || null} onChange={(v) => set({ segment: v, q: null, rule: null })} clearable searchable />
        {stages.length > 0 && <Select label="Stage" placeholder="Any" data={stages.map((s) => ({ value: s, label: readable(s) }))} value={filter.stage || null} onChange={(v) => set({ stage: v, q: null, rule: null })} clearable />}
        <Button className="auto" variant={byRule ? 'light' : 'default'} leftSection={<IconFilterCode size={16} />} aria-expanded={byRule} onClick={() => setByRule(!byRule)}>By rule</Button>
      </div>
      {byRule && <RuleFilter rule={filter.rule} onRule={(rule) => set({ rule, q: null, stage: null, segment: null })} />}
      <div className="panel">
        <More query={people} empty={filtered
          ? <Empty title="Nobody fits" action={<Button variant="default" onClick={() => { setText(''); set({ q: null, stage: null, segment: null, rule: null }) }}>Show everyone</Button>}>Search looks at the beginning of names, addresses, phones and order numbers.</Empty>
          : <Empty title="Nobody is known yet" action={<Button component={Link} to="/data/sources" variant="default">Connect a source</Button>}>People appear by themselves with the first event that a source sends.</Empty>}>
          {(rows) => <PeopleTable rows={rows} currency={brand.data?.currency} />}
        </More>
      </div>
    </Page>
  )
}

export function PeopleTable({ rows, currency }: { rows: PersonSummary[]; currency?: string }) {
  return (
    <DataTable caption="People" rows={rows} rowKey={(p) => p.id} columns={[
      { name: 'Name', lead: true, cell: (p) => <Link className="cover" to={`/people/${p.id}`}>{p.name || <span className="soft">{nameless(p.id)}</span>}</Link> },
      { name: 'Reachable at', cell: (p) => <span className="soft">{p.email ?? p.phone ?? '–'}</span> },
      { name: 'Stage', kind: 'fit', beside: true, cell: (p) => <StagePill stage={p.stage} /> },
      { name: 'Segments', wide: true, cell: (p) => <span className="soft small">{p.segments.map(readable).join(', ') || '–'}</span> },
      { name: 'Orders', kind: 'number', cell: (p) => count(p.orders) },
      { name: 'Revenue', kind: 'number', cell: (p) => (p.orders ? money(p.revenue, currency) : <span className="soft">–</span>) },
      { name: 'Last seen', kind: 'fit', cell: (p) => <When at={p.last_seen} /> },
    ]} />
  )
}

function RuleFilter({ rule, onRule }: { rule: string; onRule: (rule: string) => void }) {
  const [text, setText] = useState(rule)
  useEffect(() => setText(rule), [rule])
  return (
    <form className="stack editor" style={{ marginBottom: 14 }} onSubmit={(e) => { e.preventDefault(); onRule(text.trim()) }}>
      <Textarea label="People for whom this holds" autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} placeholder={'did "Order Completed" at least 3 times within 90d and not in segment "in-trouble"'} spellCheck={false} />
      <div className="row">
        <Button type="submit" size="compact-md">Filter</Button>
        {rule && <Button size="compact-md" variant="subtle" onClick={() => onRule('')}>Clear</Button>}
      </div>
    </form>
  )
}
