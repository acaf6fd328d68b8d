import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { useTitles } from '../../people/queries'
import { words } from '../../words/i18n'
import { endText, outcomeText, toneOf } from '../../words/words'
import type { Run } from '../queries'
import { NodeName } from './NodeName'

const t = words('journeys')

/** Runs: where each stands and why it waits or ended. `of` is what the rows tell apart. */
export function RunTable({ rows, of }: { rows: Run[]; of: 'journey' | 'person' }) {
  const title = useTitles('journey')
  const columns: Column<Run>[] = [
    of === 'journey'
      ? { name: t('column.journey'), lead: true, cell: (r) => <Link className="cover" to={`/journeys/${r.journey}?node=${r.node}`}>{title(r.journey)}</Link> }
      : { name: t('column.person'), lead: true, cell: (r) => <PersonName id={r.person} cover /> },
    { name: t('column.state'), kind: 'fit', beside: true, cell: (r) => <Pill tone={toneOf(r.status)}>{outcomeText(r.status)}</Pill> },
    { name: t('column.where'), cell: (r) => (
      <div>{r.node ? <NodeName journey={r.journey} node={r.node} /> : '–'}
        <div className="soft small">{r.status === 'active' && r.due ? <>{t('goes-on')} <When at={r.due} /></> : r.reason ? endText(r.reason) : r.status === 'active' ? t('waits-for-something') : ''}</div>
      </div>
    ) },
    { name: t('column.key'), wide: true, cell: (r) => <span className="soft small">{r.key || '–'}</span> },
    { name: t('column.version'), kind: 'number', wide: true, cell: (r) => r.version },
    { name: t('column.entered'), kind: 'fit', cell: (r) => <When at={r.entered} /> },
    { name: t('column.ended'), kind: 'fit', cell: (r) => <When at={r.ended} none="–" /> },
  ]
  return <DataTable caption={t('column.runs')} rows={rows} rowKey={(r) => r.id} columns={columns} />
}
