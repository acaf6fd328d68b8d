import { Button, Select } from '@mantine/core'
import { Link } from 'react-router'
import { DecisionShares } from '../home/parts/DecisionShares'
import { useOverview } from '../home/queries'
import { useSpecNames } from '../people/queries'
import { Filters } from '../ui/Filters'
import { More } from '../ui/More'
import { Page, Panel } from '../ui/Page'
import { Await, Empty } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { useFilters } from '../ui/useParams'
import { channelText, nameless, readable, reasonCodes, reasonText } from '../words/words'
import { DecisionTable } from './parts/DecisionTable'
import { MessageTable } from './parts/MessageTable'
import { messageStates, useDecisions, useMessages } from './queries'

export default function LedgerPage() {
  const [get] = useFilters()
  const tab = get('show') === 'messages' ? 'messages' : 'decisions'
  return (
    <Page title="Ledger" lead="Every message that was wanted, what was decided about it, and why. Nothing is sent past this book.">
      <TabLinks label="Ledger" tabs={[{ to: '/ledger', text: 'Decisions', here: tab === 'decisions' }, { to: '/ledger?show=messages', text: 'Messages', here: tab === 'messages' }]} />
      {tab === 'decisions' ? <Decisions /> : <Messages />}
    </Page>
  )
}

function Decisions() {
  const [get, set] = useFilters()
  const filter = { outcome: get('outcome'), reason: get('reason'), journey: get('journey'), person: get('person') }
  const decisions = useDecisions(filter, true)
  const journeys = useSpecNames('journey')
  const overview = useOverview()
  const any = filter.outcome || filter.reason || filter.journey || filter.person
  return (
    <div className="two">
      <div>
        <Filters label="Filter decisions" active={Object.values(filter).filter(Boolean).length}>
          <Select label="Outcome" placeholder="Any" data={[{ value: 'send', label: 'Sent' }, { value: 'hold', label: 'Held' }, { value: 'drop', label: 'Dropped' }]} value={filter.outcome || null} onChange={(v) => set({ outcome: v })} clearable />
          <Select label="Reason" placeholder="Any" data={reasonCodes.map((r) => ({ value: r, label: reasonText(r) }))} value={filter.reason || null} onChange={(v) => set({ reason: v })} clearable searchable />
          <Select label="Journey" placeholder="Any" data={journeys.data ?? []} value={filter.journey || null} onChange={(v) => set({ journey: v })} clearable searchable />
          {filter.person && <Button className="auto" variant="light" onClick={() => set({ person: null })}>Only {nameless(filter.person)} ✕</Button>}
        </Filters>
        <div className="panel">
          <More query={decisions} empty={any
            ? <Empty title="No decision fits" action={<Button variant="default" onClick={() => set({ outcome: null, reason: null, journey: null, person: null })}>Show all</Button>}>Take a filter away to see more.</Empty>
            : <Empty title="Nothing has been decided yet" action={<Button component={Link} to="/journeys" variant="default">See the journeys</Button>}>As soon as a journey wants to write to somebody, the answer appears here, with its reason.</Empty>}>
            {(rows) => <DecisionTable rows={rows} />}
          </More>
        </div>
      </div>
      <Panel title="By reason, last 24 hours">
        <Await query={overview} lines={4}>{(o) => <DecisionShares overview={o} />}</Await>
      </Panel>
    </div>
  )
}

function Messages() {
  const [get, set] = useFilters()
  const filter = { state: get('state'), channel: get('channel'), purpose: get('purpose'), journey: get('journey') }
  const journeys = useSpecNames('journey')
  const purposes = useSpecNames('purpose')
  return (
    <>
      <Filters label="Filter messages" active={Object.values(filter).filter(Boolean).length}>
        <Select label="State" placeholder="Any" data={messageStates.map((s) => ({ value: s, label: readable(s) }))} value={filter.state || null} onChange={(v) => set({ state: v })} clearable />
        <Select label="Channel" placeholder="Any" data={['email', 'sms', 'push', 'webhook', 'inapp'].map((c) => ({ value: c, label: channelText(c) }))} value={filter.channel || null} onChange={(v) => set({ channel: v })} clearable />
        <Select label="Purpose" placeholder="Any" data={purposes.data ?? []} value={filter.purpose || null} onChange={(v) => set({ purpose: v })} clearable searchable />
        <Select label="Journey" placeholder="Any" data={journeys.data ?? []} value={filter.journey || null} onChange={(v) => set({ journey: v })} clearable searchable />
      </Filters>
      <div className="panel">
        <More query={useMessages(filter)} empty={<Empty title="No message fits">Messages that were held, sent or dropped appear here.</Empty>}>
          {(rows) => <MessageTable rows={rows} />}
        </More>
      </div>
    </>
  )
}
