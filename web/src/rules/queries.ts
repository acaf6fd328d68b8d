import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'

export type Rehearsal = Schemas['Rehearsal']
export type Spec = Schemas['Spec']
export type RuleKind = 'purpose' | 'rule' | 'quiet_hours' | 'cap'
export type Body = Record<string, unknown>

/** One document as it would be saved; a null body takes it away. */
export type Draft = { kind: RuleKind | 'brand'; name: string; body: Body | null }

export function useSpecs(kind: RuleKind | 'brand' | 'journey') {
  return useQuery({ queryKey: ['specs', 'of', kind], queryFn: async () => (await must(api.GET('/api/v1/specs', { params: { query: { kind } } }))).items })
}

/** What a draft would have done. The last answer stays while the next one is worked out. */
export function useRehearsal(draft: Draft | null) {
  return useQuery({
    queryKey: ['rehearsal', draft], enabled: draft !== null, staleTime: 60_000, gcTime: 60_000, retry: false, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => must(api.POST('/api/v1/policy/rehearse', { body: { changes: [draft!], days: 30 }, signal })),
  })
}

export const bodyOf = (s?: Spec) => ((s?.body ?? {}) as Body)
export const titleOf = (s: Spec) => (typeof bodyOf(s).title === 'string' && bodyOf(s).title !== '' ? (bodyOf(s).title as string) : s.name)
