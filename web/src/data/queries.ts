import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Source = Schemas['SourceItem']
export type KnownEvent = Schemas['KnownEvent']

export const useSources = () => useQuery({ queryKey: ['sources'], queryFn: () => must(api.GET('/api/v1/sources')) })
export const useCatalogue = () => useQuery({ queryKey: ['catalogue'], queryFn: () => must(api.GET('/api/v1/catalogue')), refetchInterval: 30_000 })
export const useImports = () => useQuery({ queryKey: ['imports'], queryFn: () => must(api.GET('/api/v1/imports')), refetchInterval: 5_000 })

export function useDeadLetters() {
  return useInfiniteQuery({
    queryKey: ['dead-letters', 'list'], initialPageParam: '', refetchInterval: 30_000,
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
