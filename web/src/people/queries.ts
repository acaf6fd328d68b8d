import { infiniteQueryOptions, queryOptions, useInfiniteQuery, usePrefetchQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { some } from '../ui/useParams'
import { readable } from '../words/words'

export type Person = Schemas['Person']
export type PersonSummary = Schemas['PersonSummary']
export type Interaction = Schemas['Interaction']
export type PersonPage = Omit<Schemas['PeoplePage'], '$schema'>

const identifier = /^(user_id|anonymous_id|email|phone|device|[a-z][a-z0-9_]{1,40}):\s*(\S.*)$/

/** "email:ann@example.com" as the identifier it is; undefined for any other text. */
export function asIdentifier(text: string): string | undefined {
  const m = identifier.exec(text.trim())
  return m ? `${m[1]}:${m[2]}` : undefined
}

function summaryOf(p: Person): PersonSummary {
  const text = (name: string) => (typeof p.traits[name] === 'string' ? (p.traits[name] as string) : undefined)
  return {
    id: p.id, name: p.name, email: text('email'), phone: text('phone'), stage: p.stage, last_seen: p.last_seen,
    orders: p.orders.count, revenue: p.orders.revenue, segments: p.segments.map((s) => s.segment),
  }
}

/** People by the beginning of a name, address, phone or order number, or by an exact identifier. */
export async function findPeople(text: string, limit: number, signal?: AbortSignal): Promise<PersonSummary[]> {
  const exact = asIdentifier(text)
  if (exact) {
    try {
      return [summaryOf(await must(api.GET('/api/v1/people', { params: { query: { identifier: exact } }, signal })) as Person)]
    } catch (error) {
      if ((error as { status?: number }).status === 404) return []
      throw error
    }
  }
  return (await must(api.GET('/api/v1/people', { params: { query: { q: text, limit } }, signal })) as PersonPage).items
}

export type PeopleFilter = { q: string; stage: string; segment: string; rule: string }

export function usePeople(f: PeopleFilter) {
  return useInfiniteQuery({
    queryKey: ['people', 'list', f],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }): Promise<PersonPage> => {
      if (f.q) return { items: await findPeople(f.q, 100, signal) }
      return await must(api.GET('/api/v1/people', {
        params: { query: { stage: some(f.stage), segment: some(f.segment), rule: some(f.rule), after: some(pageParam), limit: 50 } }, signal,
      })) as PersonPage
    },
    getNextPageParam: (last) => last.next,
  })
}

export const personKey = (id: string) => ['people', id]

export function usePerson(id: string) {
  return useQuery({ queryKey: [...personKey(id), 'memory'], queryFn: () => must(api.GET('/api/v1/people/{id}', { params: { path: { id } } })) })
}

const briefQuery = (id: string) => queryOptions({ queryKey: [...personKey(id), 'brief'], queryFn: () => must(api.GET('/api/v1/people/{id}/brief', { params: { path: { id } } })) })

export const useBrief = (id: string) => useQuery(briefQuery(id))

export type TimelineFilter = { channel: string; department: string; direction: string; type: string; to: string }

/** The end of a chosen day, as the API wants it: everything before the next midnight here. */
export function endOfDay(day: string): string | undefined {
  const t = new Date(`${day}T00:00:00`)
  if (!day || Number.isNaN(t.getTime())) return undefined
  t.setDate(t.getDate() + 1)
  return t.toISOString()
}

/** What the customer lived through; the machinery behind it (runs, wakes) is shown only when asked for. */
export const liveTypes = ['track', 'page', 'screen', 'identify', 'group', 'feedback', 'message_decided', 'segment_entered', 'segment_left', 'stage_changed']

/** The types of events that a choice of kinds stands for; undefined is all. */
export const typesOf = (kind: string) => (kind === 'all' ? undefined : kind ? kind.split(',') : liveTypes)

/** The filter of the timeline as the URL has it. */
export const timelineFilter = (get: (name: string) => string): TimelineFilter => ({ channel: get('channel'), department: get('department'), direction: get('direction'), type: get('kind'), to: get('to') })

function timelineQuery(id: string, f: TimelineFilter) {
  return infiniteQueryOptions({
    queryKey: [...personKey(id), 'timeline', f],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => must(api.GET('/api/v1/people/{id}/interactions', {
      params: {
        path: { id },
        query: {
          channel: f.channel ? [f.channel] : undefined, department: f.department ? [f.department] : undefined,
          direction: f.direction ? [f.direction as 'inbound' | 'outbound'] : undefined,
          type: typesOf(f.type),
          to: endOfDay(f.to), after: some(pageParam), limit: 40,
        },
      }, signal,
    })),
    getNextPageParam: (last) => last.next,
  })
}

export const useTimeline = (id: string, f: TimelineFilter) => useInfiniteQuery(timelineQuery(id, f))

/** Asks beside who somebody is what is shown with it, not after it; `line`: the timeline too. */
export function useEarly(id: string, line: TimelineFilter | false) {
  usePrefetchQuery(briefQuery(id))
  useInfiniteQuery({ ...timelineQuery(id, line || timelineFilter(() => '')), enabled: line !== false, notifyOnChangeProps: [] })
}

export function usePersonDecisions(id: string) {
  return useInfiniteQuery({
    queryKey: [...personKey(id), 'decisions'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/people/{id}/decisions', { params: { path: { id }, query: { after: some(pageParam), limit: 30 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export function usePersonMessages(id: string) {
  return useInfiniteQuery({
    queryKey: [...personKey(id), 'messages'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/people/{id}/messages', { params: { path: { id }, query: { after: some(pageParam), limit: 30 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export function usePersonRuns(id: string) {
  return useInfiniteQuery({
    queryKey: [...personKey(id), 'runs'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/people/{id}/runs', { params: { path: { id }, query: { after: some(pageParam), limit: 30 } } })),
    getNextPageParam: (last) => last.next,
  })
}

/** Names of the brand's documents of one kind, with their titles: for choosing one. */
export function useSpecNames(kind: 'purpose' | 'segment' | 'journey' | 'template' | 'source' | 'lifecycle' | 'channel') {
  return useQuery({
    queryKey: ['specs', 'names', kind], staleTime: 60_000,
    queryFn: async () => (await must(api.GET('/api/v1/specs', { params: { query: { kind } } }))).items,
    select: (items) => items.map((s) => ({ value: s.name, label: (s.body as { title?: string } | undefined)?.title ?? s.name })),
  })
}

/** What people call a document of one kind: its title, else its name in readable form. */
export function useTitles(kind: Parameters<typeof useSpecNames>[0]) {
  const { data } = useSpecNames(kind)
  return (name: string) => data?.find((s) => s.value === name && s.label !== name)?.label ?? readable(name)
}
