import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { StatePill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { channelText, readable, reasonText, sentence } from '../../words/words'
import type { Decision } from '../queries'

/** Decisions, each with its reason in words. */
export function DecisionTable({ rows, person = true }: { rows: Decision[]; person?: boolean }) {
  const columns: Column<Decision>[] = [
    { name: 'Outcome', kind: 'fit', beside: true, cell: (d) => <StatePill state={d.outcome} /> },
    {
      name: 'Why', lead: true, cell: (d) => (
        <div>
          {d.message ? <Link className={d.outcome === 'send' ? 'cover calm' : 'cover'} to={`/messages/${d.message}`}>{sentence(d.text)}</Link> : sentence(d.text)}
          {d.rule && <div className="soft small">Rule {d.rule}</div>}
          {!d.rule && d.reason !== 'OK' && sentence(d.text).toLowerCase() !== reasonText(d.reason).toLowerCase() && <div className="soft small">{reasonText(d.reason)}</div>}
        </div>
      ),
    },
    { name: 'Message', cell: (d) => <span className="nowrap">{readable(d.purpose)} <span className="soft">by {channelText(d.channel)}</span></span> },
    ...(person ? [{ name: 'Person', cell: (d: Decision) => <PersonName id={d.person} /> }] : []),
    { name: 'Asked by', cell: (d) => (d.journey ? <Link className="above" to={`/journeys/${d.journey}`}>{readable(d.journey)}</Link> : <span className="soft">{d.by || '–'}</span>) },
    { name: 'When', kind: 'fit', cell: (d) => <When at={d.at} /> },
  ]
  return <DataTable caption="Decisions" rows={rows} rowKey={(d) => d.id} columns={columns} />
}
