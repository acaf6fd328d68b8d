import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Broadcast = Schemas['Broadcast']
export type BroadcastDetail = Schemas['BroadcastDetail']
export type BroadcastPerson = Schemas['BroadcastPerson']
export type Check = Schemas['BroadcastCheck']
export type Goal = Schemas['BroadcastGoal']
type PeopleFilter = { state: string; outcome: string; reason: string; rule: string; variant: string }

export function useBroadcasts() {
  return useQuery({ queryKey: ['broadcasts', 'list'], queryFn: () => must(api.GET('/api/v1/broadcasts')) })
}

export function useBroadcast(name: string) {
  return useQuery({
    queryKey: ['broadcasts', name], enabled: !!name,
    queryFn: () => must(api.GET('/api/v1/broadcasts/{name}', { params: { path: { name } } })),
  })
}

const narrowed = (f: PeopleFilter, after: string) => ({
  state: some(f.state) as BroadcastPerson['state'], outcome: some(f.outcome) as 'send' | undefined, reason: some(f.reason), rule: some(f.rule), variant: some(f.variant), after: some(after), limit: 30,
})

export function usePeopleOf(name: string, f: PeopleFilter) {
  return useInfiniteQuery({
    queryKey: ['broadcasts', name, 'people', f], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/broadcasts/{name}/people', { params: { path: { name }, query: narrowed(f, pageParam) } })),
    getNextPageParam: (last) => last.next,
  })
}

export function useChecked(name: string, f: PeopleFilter, made: string) {
  return useInfiniteQuery({
    queryKey: ['broadcasts', name, 'checked', made, f], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/broadcasts/{name}/check/people', { params: { path: { name }, query: narrowed(f, pageParam) } })),
    getNextPageParam: (last) => last.next,
  })
}

/** Without an event the document's goal, with its condition. */
export function useGoal(name: string, event: string, where: string, within: string, enabled: boolean) {
  return useQuery({
    queryKey: ['broadcasts', name, 'goal', event, where, within], enabled, retry: false,
    queryFn: () => must(api.GET('/api/v1/broadcasts/{name}/goal', { params: { path: { name }, query: { event: some(event), where: some(where), within: some(within) } } })),
  })
}

/** What a broadcast can be made of: the brand's segments, purposes and templates. */
export function useParts() {
  const segments = useQuery({ queryKey: ['segments', 'list'], queryFn: () => must(api.GET('/api/v1/segments')) })
  const purposes = useQuery({ queryKey: ['specs', 'purpose'], queryFn: () => must(api.GET('/api/v1/specs', { params: { query: { kind: 'purpose' } } })) })
  const templates = useQuery({ queryKey: ['specs', 'template'], queryFn: () => must(api.GET('/api/v1/specs', { params: { query: { kind: 'template' } } })) })
  return { segments: segments.data?.items, purposes: purposes.data?.items, templates: templates.data?.items, error: segments.error ?? purposes.error ?? templates.error }
}

/** Events that a goal can be: those that customers' doings have. */
export function useEvents(enabled = true) {
  return useQuery({
    queryKey: ['catalogue', 'names'], enabled, staleTime: 60_000,
    queryFn: async () => (await must(api.GET('/api/v1/catalogue'))).items.filter((e) => e.type === 'track' && e.name).map((e) => e.name!),
  })
}
