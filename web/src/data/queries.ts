import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Source = Schemas['SourceItem']
export type KnownEvent = Schemas['KnownEvent']

export const useSources = () => useQuery({ queryKey: ['sources'], queryFn: () => must(api.GET('/api/v1/sources')) })
export const useCatalogue = () => useQuery({ queryKey: ['catalogue'], queryFn: () => must(api.GET('/api/v1/catalogue')) })
export const useImports = () => useQuery({ queryKey: ['imports'], queryFn: () => must(api.GET('/api/v1/imports')) })

export function useDeadLetters() {
  return useInfiniteQuery({
    queryKey: ['dead-letters', 'list'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/dead-letters', { params: { query: { after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export function useReviews() {
  return useInfiniteQuery({
    queryKey: ['reviews', 'list'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/reviews', { params: { query: { after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export const useTrends = () => useQuery({ queryKey: ['catalogue', 'trends'], staleTime: 60_000, queryFn: () => must(api.GET('/api/v1/catalogue/trends', { params: { query: { days: 30 } } })) })
export const useSegmentNames = () => useQuery({ queryKey: ['segments', 'names'], queryFn: async () => (await must(api.GET('/api/v1/segments'))).items.map((s) => s.name) })
export const useExports = () => useQuery({ queryKey: ['exports'], queryFn: () => must(api.GET('/api/v1/exports')) })
export const useDeliverability = () => useQuery({ queryKey: ['deliverability'], staleTime: 60_000, queryFn: () => must(api.GET('/api/v1/deliverability')) })

export function useSuppressions(q: string, reason: string) {
  return useInfiniteQuery({
    queryKey: ['suppressions', q, reason], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/suppressions', { params: { query: { q: some(q), reason: some(reason), after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export const useSuppressionCounts = () => useQuery({ queryKey: ['suppressions', 'counts'], queryFn: () => must(api.GET('/api/v1/suppressions/counts')) })

export function useDeliveries() {
  return useInfiniteQuery({
    queryKey: ['messages', 'webhooks'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/messages', { params: { query: { channel: 'webhook', after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export const useTries = (id: string) => useQuery({ queryKey: ['messages', id, 'tries'], queryFn: () => must(api.GET('/api/v1/messages/{id}/tries', { params: { path: { id } } })) })

export const useWebhookSpec = () => useQuery({
  queryKey: ['specs', 'of', 'channel'], queryFn: async () => (await must(api.GET('/api/v1/specs', { params: { query: { kind: 'channel' } } }))).items,
  select: (items) => items.find((s) => s.name === 'webhook'),
})
