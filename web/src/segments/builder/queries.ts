import { useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import type { EventDoc, RuleNode } from './tree'

export type Vocabulary = Schemas['Vocabulary']
export type RuleOut = Omit<Schemas['RuleOut'], 'tree'> & { tree: RuleNode | null }
export type RuleProblem = Schemas['RuleProblem']

/** What rules can be made of here. */
export function useVocabulary() {
  return useQuery({ queryKey: ['segments', 'vocabulary'], staleTime: 60_000, queryFn: () => must(api.GET('/api/v1/vocabulary')) })
}

export type ValuesOf = { trait: string } | { event: EventDoc; property: string }

/** The values that a trait or property really has, the most frequent first; nobody may be named by one. */
export function useValues(of: ValuesOf | undefined): string[] {
  const may = useMay()
  const query = of && ('trait' in of ? { trait: of.trait } : { event: of.event.name ?? '', type: (of.event.type || 'track') as 'track', property: of.property })
  const asked = !!query && may('people:read') && ('trait' in query ? !!query.trait : !!query.property)
  const found = useQuery({
    queryKey: ['segments', 'values', query], enabled: asked, staleTime: 60_000,
    queryFn: () => must(api.GET('/api/v1/vocabulary/values', { params: { query: query! } })),
  })
  return (found.data?.items ?? []).map((v) => String(v.value))
}

/** A rule in both its forms, or what is wrong with it. */
export const readRule = (rule: { text: string } | { tree: RuleNode }, where: boolean, signal?: AbortSignal): Promise<RuleOut> =>
  must(api.POST('/api/v1/segments/rule', { body: { ...rule, where: where || undefined }, signal })) as Promise<RuleOut>
