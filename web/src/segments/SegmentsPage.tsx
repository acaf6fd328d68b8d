import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import { ruleText } from '../journeys/design'
import { DataTable } from '../ui/DataTable'
import { Page } from '../ui/Page'
import { Pill } from '../ui/Pill'
import { Await, Empty } from '../ui/State'
import { useFilters } from '../ui/useParams'
import { count, percent } from '../words/numbers'
import { readable } from '../words/words'
import { TryRule } from './parts/TryRule'
import { useSegments, type Segment } from './queries'

export default function SegmentsPage() {
  const may = useMay()
  const [get, set] = useFilters()
  const trying = get('try') !== ''
  return (
    <Page title="Segments" lead="The people for whom a rule holds, kept true by every event and by time passing."
      actions={may('people:read') && !trying && <Button leftSection={<IconPlus size={16} />} onClick={() => set({ try: '1' })}>{may('specs:write') ? 'New segment' : 'Try a rule'}</Button>}>
      <div className="stack loose">
        {trying && may('people:read') && <TryRule onClose={() => set({ try: null })} />}
        <div className="panel">
          <Await query={useSegments()} lines={6}>{({ items }) => items.length ? <Table items={items} /> : (
            <Empty title="No segments yet">A segment is a name and a rule, such as: did "Order Completed" at least 3 times within 90d.</Empty>
          )}</Await>
        </div>
      </div>
    </Page>
  )
}

function Table({ items }: { items: Segment[] }) {
  return (
    <DataTable caption="Segments" rows={items} rowKey={(s) => s.name} columns={[
      { name: 'Segment', lead: true, cell: (s) => <><Link className="cover" to={`/segments/${s.name}`}>{s.title || readable(s.name)}</Link><div className="soft small">{s.name}</div></> },
      { name: 'Rule', wide: true, cell: (s) => <code className="soft">{ruleText(s.rule)}</code> },
      { name: 'State', kind: 'fit', beside: true, cell: (s) => <Progress s={s} /> },
      { name: 'People', kind: 'number', cell: (s) => <b>{count(s.people)}</b> },
      { name: 'Came, 7 days', kind: 'number', cell: (s) => (s.entered_7d ? `+${count(s.entered_7d)}` : '–') },
      { name: 'Left, 7 days', kind: 'number', cell: (s) => (s.left_7d ? `−${count(s.left_7d)}` : '–') },
    ]} />
  )
}

export function Progress({ s }: { s: Segment }) {
  return s.progress >= 1 ? <Pill tone="good">Live</Pill> : <Pill tone="wait">Building{s.progress > 0 ? ` ${percent(s.progress)}` : ''}</Pill>
}
