import { SegmentedControl } from '@mantine/core'
import { DecisionTable } from '../../ledger/parts/DecisionTable'
import { MessageTable } from '../../ledger/parts/MessageTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { usePersonDecisions, usePersonMessages } from '../queries'

/** What was said to them or not, and why. */
export function Conversation({ id }: { id: string }) {
  const [get, set] = useFilters()
  const shown = get('show') || 'decisions'
  return (
    <>
      <SegmentedControl size="sm" mb={12} value={shown} onChange={(v) => set({ show: v === 'decisions' ? null : v })} aria-label="What to show"
        data={[{ value: 'decisions', label: 'Decisions' }, { value: 'messages', label: 'Messages' }]} />
      <div className="panel">{shown === 'messages' ? <Messages id={id} /> : <Decisions id={id} />}</div>
    </>
  )
}

function Decisions({ id }: { id: string }) {
  return (
    <More query={usePersonDecisions(id)} empty={<Empty title="Nothing was decided about them yet">As soon as a journey, a broadcast or a colleague wants to write to them, the answer and its reason appear here.</Empty>}>
      {(rows) => <DecisionTable rows={rows} person={false} />}
    </More>
  )
}

function Messages({ id }: { id: string }) {
  return (
    <More query={usePersonMessages(id)} empty={<Empty title="No messages yet">Messages that were wanted, held or sent appear here.</Empty>}>
      {(rows) => <MessageTable rows={rows} person={false} />}
    </More>
  )
}
