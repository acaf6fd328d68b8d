import { Link } from 'react-router'
import type { Column } from '../../ui/DataTable'
import { StagePill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count, money } from '../../words/numbers'
import { nameless, readable } from '../../words/words'
import type { PersonSummary } from '../queries'

const t = words('people')

/** What a list of people can show, in this order. */
export const columnNames = ['name', 'reachable', 'email', 'phone', 'stage', 'segments', 'orders', 'revenue', 'seen'] as const
export type ColumnName = (typeof columnNames)[number]
export const standard: ColumnName[] = ['name', 'reachable', 'stage', 'segments', 'orders', 'revenue', 'seen']

export function peopleColumns(chosen: ColumnName[], currency?: string): Column<PersonSummary>[] {
  const all: Record<ColumnName, Column<PersonSummary>> = {
    name: { name: t('column.name'), lead: true, cell: (p) => <Link className="cover" to={`/people/${p.id}`}>{p.name || <span className="soft">{nameless(p.id)}</span>}</Link> },
    reachable: { name: t('column.reachable'), cell: (p) => <span className="soft">{p.email ?? p.phone ?? '–'}</span> },
    email: { name: t('column.email'), cell: (p) => <span className="soft">{p.email ?? '–'}</span> },
    phone: { name: t('column.phone'), cell: (p) => <span className="soft">{p.phone ?? '–'}</span> },
    stage: { name: t('column.stage'), kind: 'fit', beside: true, cell: (p) => <StagePill stage={p.stage} /> },
    segments: { name: t('column.segments'), wide: true, cell: (p) => <div className="soft small cut" style={{ maxWidth: 320 }}>{p.segments.map(readable).join(', ') || '–'}</div> },
    orders: { name: t('column.orders'), kind: 'number', cell: (p) => count(p.orders) },
    revenue: { name: t('column.revenue'), kind: 'number', cell: (p) => (p.orders ? money(p.revenue, currency) : <span className="soft">–</span>) },
    seen: { name: t('column.seen'), kind: 'fit', cell: (p) => <When at={p.last_seen} /> },
  }
  return columnNames.filter((name) => name === 'name' || chosen.includes(name)).map((name) => all[name])
}
