import { Button, Select, TextInput } from '@mantine/core'
import { Link } from 'react-router'
import { Exporting } from '../people/parts/Exporting'
import { SavedViews } from '../people/parts/SavedViews'
import { useSpecNames } from '../people/queries'
import { Filters } from '../ui/Filters'
import { More } from '../ui/More'
import { Page, Panel } from '../ui/Page'
import { Await, Empty } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { useFilters } from '../ui/useParams'
import { words } from '../words/i18n'
import { channelText, nameless, outcomeText, reasonCodes, reasonText } from '../words/words'
import { DecisionTable } from './parts/DecisionTable'
import { MessageTable } from './parts/MessageTable'
import { Tally } from './parts/Tally'
import { fromDay, messageStates, toDay, useDecisions, useMessages, useTally, type DecisionFilter } from './queries'

const t = words('ledger')

export default function LedgerPage() {
  const [get] = useFilters()
  const tab = get('show') === 'messages' ? 'messages' : 'decisions'
  return (
    <Page title={t('title')} lead={t('lead')}>
      <TabLinks label={t('title')} tabs={[{ to: '/ledger', text: t('decisions'), here: tab === 'decisions' }, { to: '/ledger?show=messages', text: t('messages'), here: tab === 'messages' }]} />
      {tab === 'decisions' ? <Decisions /> : <Messages />}
    </Page>
  )
}

const keys = ['outcome', 'reason', 'journey', 'person', 'channel', 'purpose', 'since', 'until'] as const
const sendable = ['email', 'sms', 'push', 'webhook', 'inapp']

function Decisions() {
  const [get, set] = useFilters()
  const filter = Object.fromEntries(keys.map((k) => [k, get(k)])) as DecisionFilter
  const decisions = useDecisions(filter)
  const journeys = useSpecNames('journey')
  const purposes = useSpecNames('purpose')
  const active = keys.filter((k) => filter[k]).length
  const clear = () => set(Object.fromEntries(keys.map((k) => [k, null])))
  return (
    <div className="two">
      <div style={{ minWidth: 0 }}>
        <div className="row between wrap" style={{ marginBottom: 12 }}>
          <SavedViews page="ledger" />
          <Exporting what="ledger" asked={{ outcome: (filter.outcome || undefined) as 'send' | undefined, reason: filter.reason || undefined, journey: filter.journey || undefined, channel: filter.channel || undefined, purpose: filter.purpose || undefined, since: fromDay(filter.since), until: toDay(filter.until) }} />
        </div>
        <Filters label={t('filterDecisions')} active={active}>
          <Select label={t('outcome')} placeholder={t('any')} data={['send', 'hold', 'drop'].map((o) => ({ value: o, label: outcomeText(o) }))} value={filter.outcome || null} onChange={(v) => set({ outcome: v })} clearable />
          <Select label={t('reason')} placeholder={t('any')} data={reasonCodes.map((r) => ({ value: r, label: reasonText(r) }))} value={filter.reason || null} onChange={(v) => set({ reason: v })} clearable searchable />
          <Select label={t('journey')} placeholder={t('any')} data={journeys.data ?? []} value={filter.journey || null} onChange={(v) => set({ journey: v })} clearable searchable />
          <Select label={t('purpose')} placeholder={t('any')} data={purposes.data ?? []} value={filter.purpose || null} onChange={(v) => set({ purpose: v })} clearable searchable />
          <Select label={t('channel')} placeholder={t('any')} data={sendable.map((c) => ({ value: c, label: channelText(c) }))} value={filter.channel || null} onChange={(v) => set({ channel: v })} clearable />
          <TextInput type="date" label={t('since')} value={filter.since} max={filter.until || undefined} onChange={(e) => set({ since: e.currentTarget.value })} />
          <TextInput type="date" label={t('until')} value={filter.until} min={filter.since || undefined} onChange={(e) => set({ until: e.currentTarget.value })} />
          {filter.person && <Button className="auto" variant="light" onClick={() => set({ person: null })}>{t('only', { name: nameless(filter.person) })} ✕</Button>}
        </Filters>
        <div className="panel">
          <More query={decisions} empty={active
            ? <Empty title={t('noDecisionFits')} action={<Button variant="default" onClick={clear}>{t('showAll')}</Button>}>{t('takeAway')}</Empty>
            : <Empty title={t('nothingDecided')} action={<Button component={Link} to="/journeys" variant="default">{t('seeJourneys')}</Button>}>{t('nothingDecidedText')}</Empty>}>
            {(rows) => <DecisionTable rows={rows} />}
          </More>
        </div>
      </div>
      <Panel title={filter.since || filter.until ? t('counts') : t('countsMonth')}>
        <Await query={useTally(filter)} lines={6}>{(tally) => <Tally tally={tally} />}</Await>
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
      <Filters label={t('filterMessages')} active={Object.values(filter).filter(Boolean).length}>
        <Select label={t('state')} placeholder={t('any')} data={messageStates.map((s) => ({ value: s, label: outcomeText(s) }))} value={filter.state || null} onChange={(v) => set({ state: v })} clearable />
        <Select label={t('channel')} placeholder={t('any')} data={sendable.map((c) => ({ value: c, label: channelText(c) }))} value={filter.channel || null} onChange={(v) => set({ channel: v })} clearable />
        <Select label={t('purpose')} placeholder={t('any')} data={purposes.data ?? []} value={filter.purpose || null} onChange={(v) => set({ purpose: v })} clearable searchable />
        <Select label={t('journey')} placeholder={t('any')} data={journeys.data ?? []} value={filter.journey || null} onChange={(v) => set({ journey: v })} clearable searchable />
      </Filters>
      <div className="panel">
        <More query={useMessages(filter)} empty={<Empty title={t('noMessageFits')}>{t('noMessageFitsText')}</Empty>}>
          {(rows) => <MessageTable rows={rows} />}
        </More>
      </div>
    </>
  )
}
