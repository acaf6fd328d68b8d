import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { StatePill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { words } from '../../words/i18n'
import { channelText, readable } from '../../words/words'
import type { Message } from '../queries'

const t = words('ledger')

/** Messages, each with where it stands. */
export function MessageTable({ rows, person = true }: { rows: Message[]; person?: boolean }) {
  const columns: Column<Message>[] = [
    { name: t('state'), kind: 'fit', beside: true, cell: (m) => <StatePill state={m.state} /> },
    { name: t('message'), lead: true, cell: (m) => <Link className="cover" to={`/messages/${m.id}`}>{readable(m.template || m.purpose)}</Link> },
    { name: t('purpose'), wide: true, cell: (m) => <>{readable(m.purpose)} <span className="soft">{t('by', { channel: channelText(m.channel) })}</span></> },
    ...(person ? [{ name: t('to'), cell: (m: Message) => <PersonName id={m.person} /> }] : []),
    { name: t('askedBy'), cell: (m) => (m.journey ? <Link className="above" to={`/journeys/${m.journey}`}>{readable(m.journey)}</Link> : <span className="soft">{m.by || '–'}</span>) },
    { name: t('when'), kind: 'fit', cell: (m) => <When at={m.sent_at ?? m.made ?? m.asked} /> },
  ]
  return <DataTable caption={t('messages')} rows={rows} rowKey={(m) => m.id} columns={columns} />
}
