import { Button, Progress } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { api, must, type Schemas } from '../../api/client'
import { Exporting } from '../../people/parts/Exporting'
import { DataTable } from '../../ui/DataTable'
import { StatePill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { bytes, count } from '../../words/numbers'
import { useExports } from '../queries'

const t = words('data')
const ui = words('ui')

type Job = Schemas['ExportJob']
const open = (j: Job) => j.state === 'waiting' || j.state === 'running'

/** Files on their way out, and those that are there. */
export function Exports() {
  const cancel = useAct({ done: t('exports.canceled'), touches: [['exports']], run: (id: string) => must(api.POST('/api/v1/exports/{id}/cancel', { params: { path: { id } } })) })
  return (
    <div className="stack">
      <div className="row between wrap"><p className="soft small grow">{t('exports.lead')}</p><Exporting what="timelines" asked={{}} /></div>
      <div className="panel">
        <Await query={useExports()}>{({ items }) => (items.length ? (
          <DataTable caption={t('tab.exports')} rows={items} rowKey={(j) => j.id} columns={[
            { name: t('exports.what'), lead: true, cell: (j) => <><b style={{ fontWeight: 550 }}>{t(`exports.${j.what}`)}</b> <span className="soft small">{j.format.toUpperCase()} · {j.by}</span>{j.detail && <div className="soft small">{j.detail}</div>}</> },
            { name: t('state'), kind: 'fit', beside: true, cell: (j) => <StatePill state={j.state} /> },
            { name: t('progress'), cell: (j) => <div style={{ minWidth: 120 }}><Progress value={j.state === 'done' ? 100 : j.total ? Math.min(99, (j.rows / j.total) * 100) : open(j) ? 5 : 0} size="sm" aria-label={t('progressOf', { what: t(`exports.${j.what}`) })} /><span className="soft small num">{j.total ? t('exports.rowsOf', { rows: count(j.rows), total: count(j.total) }) : t('exports.rows', { count: j.rows })} · {bytes(j.bytes)}</span></div> },
            { name: t('started'), kind: 'fit', cell: (j) => <When at={j.started} /> },
            { name: '', kind: 'fit', cell: (j) => (j.state === 'done'
              ? <Button size="compact-sm" variant="light" component="a" href={`/api/v1/exports/${j.id}/file`} download leftSection={<IconDownload size={14} />}>{t('exports.download')}</Button>
              : open(j) ? <Button size="compact-sm" variant="subtle" color="gray" onClick={() => cancel.mutate(j.id)}>{ui('cancel')}</Button> : null) },
          ]} />
        ) : <Empty title={t('exports.none')}>{t('exports.teach')}</Empty>)}</Await>
      </div>
    </div>
  )
}
