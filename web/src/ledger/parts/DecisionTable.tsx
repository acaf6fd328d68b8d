import { VisuallyHidden } from '@mantine/core'
import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { StatePill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { useTitles } from '../../people/queries'
import { words } from '../../words/i18n'
import { channelText, reasonText, sentence } from '../../words/words'
import type { Decision } from '../queries'

const t = words('ledger')

/** Decisions, each with its reason in words. */
export function DecisionTable({ rows, person = true }: { rows: Decision[]; person?: boolean }) {
  const [journey, purpose] = [useTitles('journey'), useTitles('purpose')]
  const columns: Column<Decision>[] = [
    { name: t('outcome'), kind: 'fit', beside: true, cell: (d) => <StatePill state={d.outcome} /> },
    {
      name: t('why'), lead: true, cell: (d) => (
        <div>
          {d.message ? <Link className={d.outcome === 'send' ? 'cover calm' : 'cover'} to={`/messages/${d.message}`}>{sentence(d.text)}</Link> : sentence(d.text)}
          {d.dry && <div className="soft small">{t('onlyAsked')}</div>}
          {d.rule && <div className="soft small">{t('rule', { name: d.rule })}</div>}
          {!d.rule && d.reason !== 'OK' && sentence(d.text).toLowerCase() !== reasonText(d.reason).toLowerCase() && <div className="soft small">{reasonText(d.reason)}</div>}
        </div>
      ),
    },
    { name: t('message'), cell: (d) => <span className="nowrap">{purpose(d.purpose)} <span className="soft">{t('by', { channel: channelText(d.channel) })}</span></span> },
    ...(person ? [{ name: t('person'), cell: (d: Decision) => <PersonName id={d.person} /> }] : []),
    { name: t('askedBy'), kind: person ? 'short' : undefined, cell: (d) => (d.journey ? <Link className="above" to={`/journeys/${d.journey}`} title={journey(d.journey)}>{journey(d.journey)}</Link> : <span className="soft">{d.by || '–'}</span>) },
    { name: t('when'), kind: 'fit', cell: (d) => <Link className="above quiet" to={`/decisions/${d.id}`}><When at={d.at} /> <VisuallyHidden>{t('look')}</VisuallyHidden></Link> },
  ]
  return <DataTable caption={t('decisions')} rows={rows} rowKey={(d) => d.id} columns={columns} />
}
