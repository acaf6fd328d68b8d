import { Button, FileInput, Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'

const beginning = `kind: import
name: orders
source: shop
zone: Europe/Lisbon
type: track
event: Order Completed
timestamp: {column: date, layout: "YYYY-MM-DD HH:mm:ss"}
ids: {email: email}
properties:
  order_id: order
  revenue: {column: total, type: number}
`

/** Hands a file in. It is imported in the background, and goes on after a restart. */
export function ImportForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null)
  const [mapping, setMapping] = useState(beginning)
  const act = useAct({
    quiet: true, done: 'The file is here. Its progress shows in the list.', touches: [['imports']], after: () => { setFile(null); onClose() },
    run: () => must(api.POST('/api/v1/imports', {
      body: { mapping, file: '' },
      bodySerializer: () => {
        const form = new FormData() // the mapping first: the server reads as it comes
        form.append('mapping', mapping)
        form.append('file', file!, file!.name)
        return form
      },
    })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Import a file" size="lg">
      <form className="stack loose editor" onSubmit={(e) => { e.preventDefault(); act.mutate(undefined) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <FileInput label="File" description="CSV or NDJSON, plain or .gz" placeholder="Choose a file" accept=".csv,.ndjson,.jsonl,.gz" value={file} onChange={setFile} clearable clearButtonProps={{ 'aria-label': 'Take the file away' }} />
        <Textarea label="Mapping" description="Says which column is what. Errors are named by line and field before anything is read." value={mapping} onChange={(e) => setMapping(e.currentTarget.value)} autosize minRows={10} maxRows={20} spellCheck={false} />
        <p className="soft small">The same file through the same mapping changes nothing, however often it is sent.</p>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" disabled={!file} loading={act.isPending}>Import</Button>
        </div>
      </form>
    </Modal>
  )
}
