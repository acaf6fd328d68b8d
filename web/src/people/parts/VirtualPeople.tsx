import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { asProblem } from '../../api/client'
import { DataTable, type Column } from '../../ui/DataTable'
import { Loading, Trouble } from '../../ui/State'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import type { PersonPage, PersonSummary } from '../queries'
import { lookedAt } from './looked'
import { inSight } from './window'
import './people.css'

const t = words('people')
const ui = words('ui')

/** How many rows come at a time. */
const screenful = 50

/**
 * However many people there are, only the rows in sight are drawn; the next page comes before the end is reached. Where few
 * fit, the server looks at some of the people at a time: it is asked to go on until there is something to fill the screen with.
 */
export function VirtualPeople({ query, columns, empty }: { query: UseInfiniteQueryResult<InfiniteData<PersonPage>>; columns: Column<PersonSummary>[]; empty: ReactNode }) {
  const narrow = useMediaQuery('(max-width: 720px)', false, { getInitialValueInEffect: false })
  const [wanted, want] = useState(screenful)
  const found = query.data?.pages.reduce((n, p) => n + p.items.length, 0) ?? 0
  const { hasNextPage, isFetching, isError, fetchNextPage } = query
  const looking = hasNextPage && found < wanted && !isError
  useEffect(() => {
    if (looking && !isFetching) void fetchNextPage()
  }, [looking, isFetching, fetchNextPage])
  if (!query.data) {
    if (query.isError) return <div className="await"><Trouble problem={asProblem(query.error)} onRetry={() => void query.refetch()} /></div>
    return <Loading lines={7} />
  }
  const rows = query.data.pages.flatMap((p) => p.items)
  const looked = lookedAt(query.data.pages)
  const words = { n: count(looked?.people ?? 0), of: count(looked?.of ?? 0), found: count(rows.length) }
  const more = () => want(rows.length + screenful)
  if (!rows.length && !looking && !query.hasNextPage) return <>{empty}</>
  return (
    <>
      {rows.length > 0 && (narrow ? <DataTable caption={t('title')} rows={rows} rowKey={(p) => p.id} columns={columns} /> : <Rows rows={rows} columns={columns} onEnd={more} />)}
      {query.isFetchNextPageError && <div className="await"><Trouble problem={asProblem(query.error)} /></div>}
      {looked && looking && <p className="soft small looked" role="status"><span style={{ width: `${(100 * looked.people) / looked.of}%` }} />{t('looking', words)}</p>}
      {looked && !looking && looked.people < looked.of && <p className="soft small looked">{t('looked.so-far', words)}</p>}
      {looked && !query.hasNextPage && <p className="soft small looked">{t('looked.all', words)}</p>}
      {query.hasNextPage && !looking && <div style={{ padding: 12, textAlign: 'center', borderTop: '1px solid var(--line)' }}><Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => (query.isError ? void query.fetchNextPage() : more())}>{ui('more')}</Button></div>}
      {!query.hasNextPage && !looked && rows.length > screenful && <p className="soft small" style={{ padding: 12, textAlign: 'center' }}>{t('allShown', { n: count(rows.length) })}</p>}
    </>
  )
}

const rowHeight = 41

function Rows({ rows, columns, onEnd }: { rows: PersonSummary[]; columns: Column<PersonSummary>[]; onEnd: () => void }) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [sight, setSight] = useState(() => inSight(rows.length, rowHeight, 0, 900))
  const end = useRef(onEnd)
  useLayoutEffect(() => { end.current = onEnd })
  useEffect(() => {
    const look = () => {
      const box = body.current?.getBoundingClientRect()
      if (!box) return
      const next = inSight(rows.length, rowHeight, -box.top, window.innerHeight)
      setSight((old) => (old.from === next.from && old.to === next.to ? old : next))
      if (next.to >= rows.length - 20 && window.scrollY > 0) end.current()
    }
    look()
    window.addEventListener('scroll', look, { passive: true, capture: true })
    window.addEventListener('resize', look)
    return () => {
      window.removeEventListener('scroll', look, { capture: true })
      window.removeEventListener('resize', look)
    }
  }, [rows.length])
  const classOf = (c: Column<PersonSummary>) => (c.kind === 'number' ? 'right' : c.kind === 'fit' ? 'fit' : undefined)
  const from = Math.min(sight.from, rows.length)
  const to = Math.min(Math.max(sight.to, from), rows.length)
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className="table people-rows" aria-rowcount={rows.length + 1}>
        <caption className="sr">{t('title')}</caption>
        <thead><tr aria-rowindex={1}>{columns.map((c) => <th key={c.name} scope="col" className={classOf(c)}>{c.name}</th>)}</tr></thead>
        <tbody ref={body}>
          {from > 0 && <tr aria-hidden="true" className="gap" style={{ height: from * rowHeight }}><td colSpan={columns.length} /></tr>}
          {rows.slice(from, to).map((p, i) => <tr key={p.id} aria-rowindex={from + i + 2} style={{ height: rowHeight }}>{columns.map((c) => <td key={c.name} className={classOf(c)}>{c.cell(p)}</td>)}</tr>)}
          {to < rows.length && <tr aria-hidden="true" className="gap" style={{ height: (rows.length - to) * rowHeight }}><td colSpan={columns.length} /></tr>}
        </tbody>
      </table>
    </div>
  )
}
