import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'

export type Journey = Schemas['Journey']
export type JourneyDetail = Schemas['JourneyDetail']
export type Run = Schemas['Run']

export function useJourneys() {
  return useQuery({ queryKey: ['journeys', 'list'], queryFn: () => must(api.GET('/api/v1/journeys')) })
}

export function useJourney(name: string) {
  return useQuery({ queryKey: ['journeys', name], enabled: name !== '', queryFn: () => must(api.GET('/api/v1/journeys/{name}', { params: { path: { name } } })) })
}

export function useVersions(name: string) {
  return useQuery({ queryKey: ['journeys', name, 'versions'], queryFn: () => must(api.GET('/api/v1/specs/{kind}/{name}/versions', { params: { path: { kind: 'journey', name } } })) })
}

export function useRuns(name: string, f: { node: string; status: string }) {
  return useInfiniteQuery({
    queryKey: ['journeys', name, 'runs', f], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/journeys/{name}/runs', {
      params: { path: { name }, query: { node: some(f.node), status: some(f.status) as Run['status'] | undefined, after: some(pageParam), limit: 30 } },
    })),
    getNextPageParam: (last) => last.next,
  })
}
