import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Decision = Schemas['Decision']
export type Message = Schemas['Message']
export type DecisionFilter = { outcome: string; reason: string; journey: string; person: string; channel: string; purpose: string; since: string; until: string }
export type MessageFilter = { state: string; channel: string; purpose: string; journey: string }

/** Days of a filter as the moments where they begin and end, where the reader is. */
export const fromDay = (day: string) => (day ? new Date(`${day}T00:00:00`).toISOString() : undefined)
export const toDay = (day: string) => {
  if (!day) return undefined
  const next = new Date(`${day}T00:00:00`)
  next.setDate(next.getDate() + 1)
  return next.toISOString()
}

const queryOf = (f: DecisionFilter) => ({
  outcome: some(f.outcome) as Decision['outcome'] | undefined, reason: some(f.reason), journey: some(f.journey), person: some(f.person), channel: some(f.channel), purpose: some(f.purpose),
  since: fromDay(f.since), until: toDay(f.until),
})

export function useDecisions(f: DecisionFilter) {
  return useInfiniteQuery({
    queryKey: ['decisions', f], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/decisions', { params: { query: { ...queryOf(f), after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export function useTally(f: DecisionFilter) {
  return useQuery({ queryKey: ['decisions', 'counts', f], queryFn: () => must(api.GET('/api/v1/decisions/counts', { params: { query: queryOf(f) } })) })
}

export function useToday(id: string) {
  return useQuery({ queryKey: ['decisions', 'today', id], retry: false, queryFn: () => must(api.GET('/api/v1/decisions/{id}/today', { params: { path: { id } } })) })
}

export function useDecision(id: string) {
  return useQuery({ queryKey: ['decisions', 'one', id], queryFn: () => must(api.GET('/api/v1/decisions/{id}', { params: { path: { id } } })) })
}

export const messageStates = ['held', 'reserved', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'failed', 'unknown', 'dropped', 'canceled'] as const

export function useMessages(f: MessageFilter) {
  return useInfiniteQuery({
    queryKey: ['messages', f], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/messages', {
      params: { query: { state: some(f.state) as Message['state'] | undefined, channel: some(f.channel), purpose: some(f.purpose), journey: some(f.journey), after: some(pageParam), limit: 50 } },
    })),
    getNextPageParam: (last) => last.next,
  })
}

export function useMessage(id: string) {
  return useQuery({ queryKey: ['messages', id], queryFn: () => must(api.GET('/api/v1/messages/{id}', { params: { path: { id } } })) })
}
