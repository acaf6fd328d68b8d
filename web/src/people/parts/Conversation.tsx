import { SegmentedControl } from '@mantine/core'
import { DecisionTable } from '../../ledger/parts/DecisionTable'
import { MessageTable } from '../../ledger/parts/MessageTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { usePersonDecisions, usePersonMessages } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')

/** What was said to them or not, and why. */
export function Conversation({ id }: { id: string }) {
  const [get, set] = useFilters()
  const shown = get('show') || 'decisions'
  return (
    <>
      <SegmentedControl size="sm" mb={12} value={shown} onChange={(v) => set({ show: v === 'decisions' ? null : v })} aria-label={t('talk.show')}
        data={[{ value: 'decisions', label: t('talk.decisions') }, { value: 'messages', label: t('talk.messages') }]} />
      <div className="panel">{shown === 'messages' ? <Messages id={id} /> : <Decisions id={id} />}</div>
    </>
  )
}

function Decisions({ id }: { id: string }) {
  return (
    <More query={usePersonDecisions(id)} empty={<Empty title={t('talk.no-decisions')}>{t('talk.no-decisions-about')}</Empty>}>
      {(rows) => <DecisionTable rows={rows} person={false} />}
    </More>
  )
}

function Messages({ id }: { id: string }) {
  return (
    <More query={usePersonMessages(id)} empty={<Empty title={t('talk.no-messages')}>{t('talk.no-messages-about')}</Empty>}>
      {(rows) => <MessageTable rows={rows} person={false} />}
    </More>
  )
}
