import { Button } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { asProblem } from '../api/client'
import { Loading, Trouble } from './State'
import { words } from '../words/i18n'

const t = words('ui')

type Paged<T> = { items: T[]; next?: string }

/** A list that is loaded page by page. */
export function More<T>({ query, children, empty }: { query: UseInfiniteQueryResult<InfiniteData<Paged<T>>>; children: (rows: T[]) => ReactNode; empty: ReactNode }) {
  if (!query.data) {
    if (query.isError) return <div className="await"><Trouble problem={asProblem(query.error)} onRetry={() => void query.refetch()} /></div>
    return <Loading lines={7} />
  }
  const rows = query.data.pages.flatMap((p) => p.items)
  if (!rows.length) return <>{empty}</>
  return (
    <>
      {children(rows)}
      {query.isFetchNextPageError && <div className="await"><Trouble problem={asProblem(query.error)} /></div>}
      {query.hasNextPage && (
        <div style={{ padding: 12, textAlign: 'center', borderTop: '1px solid var(--line)' }}>
          <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('more')}</Button>
        </div>
      )}
    </>
  )
}
