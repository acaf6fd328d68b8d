import { Button, Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { asProblem, type Problem } from '../api/client'
import { words } from '../words/i18n'

const t = words('ui')

/** Nothing here, and what would change that. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <svg className="mark" width="44" height="22" viewBox="0 0 44 22" aria-hidden="true">
        <path d="M2 11c8-12 12 12 20 0s12-12 20 0" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
      </svg>
      <div className="title">{title}</div>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** What went wrong, in the server's words: they say what to do. */
export function Trouble({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div className="problem" role="alert">
      <div className="row between wrap">
        <div className="grow">{problem.detail}</div>
        {onRetry && ![403, 404, 422].includes(problem.status) && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>{t('retry')}</Button>
        )}
      </div>
      {problem.errors && problem.errors.length > 1 && (
        <ul>
          {problem.errors.map((e, i) => (
            <li key={i} className="small">
              {e.where && <span className="mono">{e.where} </span>}
              {e.field && <b>{e.field}: </b>}
              {e.detail}
            </li>
          ))}
        </ul>
      )}
      {problem.errors?.length === 1 && problem.errors[0].where && <div className="small mono">{problem.errors[0].where}</div>}
      {problem.code === 'internal' && problem.request_id && <div className="small mono">{t('request', { id: problem.request_id })}</div>}
    </div>
  )
}

export function Loading({ lines = 5 }: { lines?: number }) {
  return (
    <div className="stack await" role="status" aria-label={t('loading')}>
      {Array.from({ length: lines }, (_, i) => <Skeleton key={i} height={14} width={`${92 - ((i * 17) % 40)}%`} />)}
    </div>
  )
}

/** Shows a query: skeleton, problem, or what to do with its data. */
export function Await<T>({ query, lines, children }: { query: UseQueryResult<T>; lines?: number; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.isError) return <div className="await"><Trouble problem={asProblem(query.error)} onRetry={() => void query.refetch()} /></div>
  return <Loading lines={lines} />
}
