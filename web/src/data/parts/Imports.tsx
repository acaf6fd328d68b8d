import { Button, Progress } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { StatePill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { When } from '../../ui/When'
import { bytes, count } from '../../words/numbers'
import { words } from '../../words/i18n'
import { Snippet } from '../../ui/Copy'
import { useAct } from '../../ui/useAct'
import { useImports } from '../queries'
import { ImportForm } from './ImportForm'

const t = words('data')
const ui = words('ui')

export function Imports() {
  const may = useMay()
  const [adding, setAdding] = useState(false)
  const cancel = useAct({
    done: t('imports.canceled'), touches: [['imports']],
    run: (id: string) => must(api.POST('/api/v1/imports/{id}/cancel', { params: { path: { id } } })),
  })
  return (
    <div className="stack">
    {may('data:manage') && <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" leftSection={<IconUpload size={16} />} onClick={() => setAdding(true)}>{t('imports.add')}</Button></div>}
    <div className="panel">
      <Await query={useImports()}>{({ items }) => items.length ? (
        <DataTable caption={t('tab.imports')} rows={items} rowKey={(i) => i.id} columns={[
          { name: t('imports.file'), lead: true, cell: (i) => <><b style={{ fontWeight: 550 }}>{i.file}</b><div className="soft small">{i.mapping}{i.by && ` · ${i.by}`}</div></> },
          { name: t('state'), kind: 'fit', beside: true, cell: (i) => <StatePill state={i.state} /> },
          { name: t('progress'), cell: (i) => <div style={{ minWidth: 120 }}><Progress value={i.total_bytes ? (i.bytes / i.total_bytes) * 100 : i.state === 'done' ? 100 : 0} size="sm" aria-label={t('progressOf', { what: i.file })} /><span className="soft small num">{t('imports.sent', { sent: bytes(i.bytes), size: bytes(i.total_bytes) })}</span></div> },
          { name: t('imports.accepted'), kind: 'number', cell: (i) => count(i.accepted) },
          { name: t('imports.rejected'), kind: 'number', cell: (i) => (!i.rejected ? '0' : may('data:manage') ? <a className="above" href={`/api/v1/imports/${i.id}/rejects`} download>{count(i.rejected)}</a> : count(i.rejected)) },
          { name: t('imports.note'), wide: true, cell: (i) => <span className="soft small">{i.detail || (i.state === 'uploading' ? t('imports.half') : '–')}</span> },
          { name: t('started'), kind: 'fit', cell: (i) => <When at={i.started} none={t('imports.waits')} /> },
          ...(may('data:manage') ? [{ name: '', kind: 'fit' as const, cell: (i: { id: string; state: string; file: string }) => (<span className="row" style={{ gap: 4 }}>{i.state === 'uploading' && <Button size="compact-sm" variant="light" onClick={() => setAdding(true)} aria-label={t('imports.goOnOf', { file: i.file })}>{t('imports.goOn')}</Button>}{i.state === 'running' || i.state === 'waiting' || i.state === 'uploading' ? <Button size="compact-sm" variant="subtle" color="gray" onClick={() => cancel.mutate(i.id)} aria-label={t('imports.cancelOf', { file: i.file })}>{ui('cancel')}</Button> : null}</span>) }] : []),
        ]} />
      ) : <div style={{ paddingBottom: 20 }}><Empty title={t('imports.none')}>{t('imports.teach')}</Empty>
        <div style={{ maxWidth: 520, margin: '0 auto', padding: '0 16px' }}><Snippet text="heed import --mapping orders.yaml orders.csv" label={t('imports.command')} /></div></div>}</Await>
    </div>
    <ImportForm opened={adding} onClose={() => setAdding(false)} />
    </div>
  )
}
