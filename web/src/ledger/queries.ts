import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Decision = Schemas['Decision']
export type Message = Schemas['Message']
export type DecisionFilter = { outcome: string; reason: string; journey: string; person: string }
export type MessageFilter = { state: string; channel: string; purpose: string; journey: string }

export function useDecisions(f: DecisionFilter, live: boolean) {
  return useInfiniteQuery({
    queryKey: ['decisions', f], initialPageParam: '', refetchInterval: live ? 10_000 : false,
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/decisions', {
      params: { query: { outcome: some(f.outcome) as Decision['outcome'] | undefined, reason: some(f.reason), journey: some(f.journey), person: some(f.person), after: some(pageParam), limit: 50 } },
    })),
    getNextPageParam: (last) => last.next,
  })
}

export const messageStates = ['held', 'reserved', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'failed', 'unknown', 'dropped', 'canceled'] as const

export function useMessages(f: MessageFilter) {
  return useInfiniteQuery({
    queryKey: ['messages', f], initialPageParam: '', refetchInterval: 10_000,
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/messages', {
      params: { query: { state: some(f.state) as Message['state'] | undefined, channel: some(f.channel), purpose: some(f.purpose), journey: some(f.journey), after: some(pageParam), limit: 50 } },
    })),
    getNextPageParam: (last) => last.next,
  })
}

export function useMessage(id: string) {
  return useQuery({ queryKey: ['messages', id], queryFn: () => must(api.GET('/api/v1/messages/{id}', { params: { path: { id } } })), refetchInterval: 10_000 })
}
