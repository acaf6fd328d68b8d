import { Progress } from '@mantine/core'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { When } from '../../ui/When'
import { bytes, count } from '../../words/numbers'
import { readable, toneOf } from '../../words/words'
import { Snippet } from '../../ui/Copy'
import { useImports } from '../queries'

export function Imports() {
  return (
    <div className="panel">
      <Await query={useImports()}>{({ items }) => items.length ? (
        <DataTable caption="Imports" rows={items} rowKey={(i) => i.id} columns={[
          { name: 'File', lead: true, cell: (i) => <><b style={{ fontWeight: 550 }}>{i.file}</b><div className="soft small">{i.mapping}{i.by && ` · ${i.by}`}</div></> },
          { name: 'State', kind: 'fit', beside: true, cell: (i) => <Pill tone={toneOf(i.state)}>{readable(i.state)}</Pill> },
          { name: 'Progress', cell: (i) => <div style={{ minWidth: 120 }}><Progress value={i.total_bytes ? (i.bytes / i.total_bytes) * 100 : i.state === 'done' ? 100 : 0} size="sm" aria-label={`Progress of ${i.file}`} /><span className="soft small num">{bytes(i.bytes)} of {bytes(i.total_bytes)}</span></div> },
          { name: 'Accepted', kind: 'number', cell: (i) => count(i.accepted) },
          { name: 'Rejected', kind: 'number', cell: (i) => (i.rejected ? <span style={{ color: 'var(--bad)' }}>{count(i.rejected)}</span> : '0') },
          { name: 'Note', wide: true, cell: (i) => <span className="soft small">{i.detail || '–'}</span> },
          { name: 'Started', kind: 'fit', cell: (i) => <When at={i.started} /> },
        ]} />
      ) : <div style={{ paddingBottom: 20 }}><Empty title="Nothing was imported yet">A CSV or NDJSON file comes in through a mapping that says which column is what. A stopped import goes on where it was; lines that are sent again count once.</Empty>
        <div style={{ maxWidth: 520, margin: '0 auto', padding: '0 16px' }}><Snippet text="heed import --mapping orders.yaml orders.csv" label="Import command" /></div></div>}</Await>
    </div>
  )
}
