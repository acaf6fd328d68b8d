import { useMediaQuery } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { words } from '../words/i18n'

const t = words('ui')

export type Column<T> = {
  name: string
  cell: (row: T) => ReactNode
  /** Numbers stand right; "fit" columns take no more than they need; "short" ones cut a link's long name, so that a row keeps to a line. */
  kind?: 'number' | 'fit' | 'short'
  /** The first line of a card on a phone. */
  lead?: boolean
  /** Right of the lead on a phone: a state. */
  beside?: boolean
  /** Left out on a phone. */
  wide?: boolean
}

/** Rows as a table, and as cards where a table would not fit. */
export function DataTable<T>({ caption, columns, rows, rowKey }: { caption: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string }) {
  const narrow = useMediaQuery('(max-width: 720px)', false, { getInitialValueInEffect: false })
  if (narrow) {
    const shown = columns.filter((c) => !c.wide)
    return (
      <ul className="cards" aria-label={caption}>
        {rows.map((row) => (
          <li key={rowKey(row)}>
            {shown.filter((c) => c.lead).map((c) => (
              <div key={c.name} className="row between top">
                <div style={{ minWidth: 0 }}>{c.cell(row)}</div>
                {shown.filter((b) => b.beside).map((b) => <div key={b.name} style={{ flex: 'none' }}>{b.cell(row)}</div>)}
              </div>
            ))}
            {shown.filter((c) => !c.lead && !c.beside).map((c) => (
              <div key={c.name} className="pair">{c.name ? <span>{c.name}</span> : null}<span style={{ minWidth: 0 }}>{c.cell(row)}</span></div>
            ))}
          </li>
        ))}
      </ul>
    )
  }
  const classOf = (c: Column<T>) => (c.kind === 'number' ? 'right' : c.kind)
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className="table">
        <caption className="sr">{caption}</caption>
        <thead>
          <tr>{columns.map((c) => <th key={c.name} scope="col" className={classOf(c)}>{c.name || <span className="sr">{t('actions')}</span>}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => <tr key={rowKey(row)}>{columns.map((c) => <td key={c.name} className={classOf(c)}>{c.cell(row)}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  )
}
