import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { endText, readable, toneOf } from '../../words/words'
import type { Run } from '../queries'

/** Runs: where each stands and why it waits or ended. `of` is what the rows tell apart. */
export function RunTable({ rows, of }: { rows: Run[]; of: 'journey' | 'person' }) {
  const columns: Column<Run>[] = [
    of === 'journey'
      ? { name: 'Journey', lead: true, cell: (r) => <Link className="cover" to={`/journeys/${r.journey}?node=${r.node}`}>{readable(r.journey)}</Link> }
      : { name: 'Person', lead: true, cell: (r) => <PersonName id={r.person} cover /> },
    { name: 'State', kind: 'fit', beside: true, cell: (r) => <Pill tone={toneOf(r.status)}>{readable(r.status)}</Pill> },
    { name: 'Where', cell: (r) => (
      <div>{r.node ? <span className="mono small">{r.node}</span> : '–'}
        <div className="soft small">{r.status === 'active' && r.due ? <>goes on <When at={r.due} /></> : r.reason ? endText(r.reason) : r.status === 'active' ? 'waits for something to happen' : ''}</div>
      </div>
    ) },
    { name: 'Key', wide: true, cell: (r) => <span className="soft small">{r.key || '–'}</span> },
    { name: 'Version', kind: 'number', wide: true, cell: (r) => r.version },
    { name: 'Entered', kind: 'fit', cell: (r) => <When at={r.entered} /> },
    { name: 'Ended', kind: 'fit', cell: (r) => <When at={r.ended} none="–" /> },
  ]
  return <DataTable caption="Runs" rows={rows} rowKey={(r) => r.id} columns={columns} />
}
