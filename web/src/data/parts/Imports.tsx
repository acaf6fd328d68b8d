import { Button, Progress } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { When } from '../../ui/When'
import { bytes, count } from '../../words/numbers'
import { readable, toneOf } from '../../words/words'
import { Snippet } from '../../ui/Copy'
import { useAct } from '../../ui/useAct'
import { useImports } from '../queries'
import { ImportForm } from './ImportForm'

export function Imports() {
  const may = useMay()
  const [adding, setAdding] = useState(false)
  const cancel = useAct({
    done: 'Canceled. What was imported stays; the same file goes on where it stopped.', touches: [['imports']],
    run: (id: string) => must(api.POST('/api/v1/imports/{id}/cancel', { params: { path: { id } } })),
  })
  return (
    <div className="stack">
    {may('data:manage') && <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" leftSection={<IconUpload size={16} />} onClick={() => setAdding(true)}>Import a file</Button></div>}
    <div className="panel">
      <Await query={useImports()}>{({ items }) => items.length ? (
        <DataTable caption="Imports" rows={items} rowKey={(i) => i.id} columns={[
          { name: 'File', lead: true, cell: (i) => <><b style={{ fontWeight: 550 }}>{i.file}</b><div className="soft small">{i.mapping}{i.by && ` · ${i.by}`}</div></> },
          { name: 'State', kind: 'fit', beside: true, cell: (i) => <Pill tone={toneOf(i.state)}>{readable(i.state)}</Pill> },
          { name: 'Progress', cell: (i) => <div style={{ minWidth: 120 }}><Progress value={i.total_bytes ? (i.bytes / i.total_bytes) * 100 : i.state === 'done' ? 100 : 0} size="sm" aria-label={`Progress of ${i.file}`} /><span className="soft small num">{bytes(i.bytes)} of {bytes(i.total_bytes)}</span></div> },
          { name: 'Accepted', kind: 'number', cell: (i) => count(i.accepted) },
          { name: 'Rejected', kind: 'number', cell: (i) => (!i.rejected ? '0' : may('data:manage') ? <a className="above" href={`/api/v1/imports/${i.id}/rejects`} download>{count(i.rejected)}</a> : count(i.rejected)) },
          { name: 'Note', wide: true, cell: (i) => <span className="soft small">{i.detail || '–'}</span> },
          { name: 'Started', kind: 'fit', cell: (i) => <When at={i.started} none="waits" /> },
          ...(may('data:manage') ? [{ name: '', kind: 'fit' as const, cell: (i: { id: string; state: string; file: string }) => (i.state === 'running' || i.state === 'waiting' ? <Button size="compact-sm" variant="subtle" color="gray" onClick={() => cancel.mutate(i.id)} aria-label={`Cancel ${i.file}`}>Cancel</Button> : null) }] : []),
        ]} />
      ) : <div style={{ paddingBottom: 20 }}><Empty title="Nothing was imported yet">A CSV or NDJSON file comes in through a mapping that says which column is what. A stopped import goes on where it was; lines that are sent again count once.</Empty>
        <div style={{ maxWidth: 520, margin: '0 auto', padding: '0 16px' }}><Snippet text="heed import --mapping orders.yaml orders.csv" label="Import command" /></div></div>}</Await>
    </div>
    <ImportForm opened={adding} onClose={() => setAdding(false)} />
    </div>
  )
}
