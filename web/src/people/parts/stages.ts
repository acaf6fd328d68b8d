import { useQuery } from '@tanstack/react-query'
import { api, must } from '../../api/client'

/** The lifecycle stages that people are in, in the ladder's order. */
export function useStages(): string[] {
  const { data } = useQuery({ queryKey: ['overview'], queryFn: () => must(api.GET('/api/v1/overview')), staleTime: 30_000 })
  return data?.stages.map((s) => s.key).filter(Boolean) ?? []
}
