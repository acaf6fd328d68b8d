import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Segment = Schemas['Segment']
export type Preview = Schemas['PreviewOut']

export function useSegments() {
  return useQuery({ queryKey: ['segments', 'list'], queryFn: () => must(api.GET('/api/v1/segments')) })
}

export function useSegment(name: string) {
  return useQuery({ queryKey: ['segments', name], queryFn: () => must(api.GET('/api/v1/segments/{name}', { params: { path: { name } } })) })
}

export function useMembers(name: string) {
  return useInfiniteQuery({
    queryKey: ['segments', name, 'people'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/segments/{name}/people', { params: { path: { name }, query: { after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export function useSizes(name: string) {
  return useQuery({ queryKey: ['segments', name, 'sizes'], queryFn: () => must(api.GET('/api/v1/segments/{name}/sizes', { params: { path: { name }, query: { days: 90 } } })) })
}

export function useOverlap(segments: string[]) {
  return useQuery({
    queryKey: ['segments', 'overlap', segments], enabled: segments.length > 1, placeholderData: keepPreviousData,
    queryFn: () => must(api.POST('/api/v1/segments/overlap', { body: { segments } })),
  })
}

/** Whom a rule would hold for, while it is written. */
export function usePreview(rule: string) {
  return useQuery({
    queryKey: ['segments', 'preview', rule], enabled: rule !== '', placeholderData: keepPreviousData, retry: false, staleTime: 10_000,
    queryFn: ({ signal }) => must(api.POST('/api/v1/segments/preview', { body: { rule, sample: 8 }, signal })),
  })
}
