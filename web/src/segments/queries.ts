import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Segment = Schemas['Segment']
export type Preview = Schemas['PreviewOut']

export function useSegments() {
  return useQuery({ queryKey: ['segments', 'list'], queryFn: () => must(api.GET('/api/v1/segments')), refetchInterval: 15_000 })
}

export function useSegment(name: string) {
  return useQuery({ queryKey: ['segments', name], queryFn: () => must(api.GET('/api/v1/segments/{name}', { params: { path: { name } } })), refetchInterval: 15_000 })
}

export function useMembers(name: string) {
  return useInfiniteQuery({
    queryKey: ['segments', name, 'people'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/segments/{name}/people', { params: { path: { name }, query: { after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export const preview = (rule: string) => must(api.POST('/api/v1/segments/preview', { body: { rule, sample: 8 } }))
