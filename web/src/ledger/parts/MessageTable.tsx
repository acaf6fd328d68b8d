import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { StatePill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { useTitles } from '../../people/queries'
import { words } from '../../words/i18n'
import { channelText } from '../../words/words'
import type { Message } from '../queries'

const t = words('ledger')

/** Messages, each with where it stands. */
export function MessageTable({ rows, person = true }: { rows: Message[]; person?: boolean }) {
  const [journey, purpose, template] = [useTitles('journey'), useTitles('purpose'), useTitles('template')]
  const columns: Column<Message>[] = [
    { name: t('state'), kind: 'fit', beside: true, cell: (m) => <StatePill state={m.state} /> },
    { name: t('message'), lead: true, cell: (m) => <Link className="cover" to={`/messages/${m.id}`}>{m.template ? template(m.template) : purpose(m.purpose)}</Link> },
    { name: t('purpose'), wide: true, cell: (m) => <>{purpose(m.purpose)} <span className="soft">{t('by', { channel: channelText(m.channel) })}</span></> },
    ...(person ? [{ name: t('to'), cell: (m: Message) => <PersonName id={m.person} /> }] : []),
    { name: t('askedBy'), cell: (m) => (m.journey ? <Link className="above" to={`/journeys/${m.journey}`}>{journey(m.journey)}</Link> : <span className="soft">{m.by || '–'}</span>) },
    { name: t('when'), kind: 'fit', cell: (m) => <When at={m.sent_at ?? m.made ?? m.asked} /> },
  ]
  return <DataTable caption={t('messages')} rows={rows} rowKey={(m) => m.id} columns={columns} />
}
