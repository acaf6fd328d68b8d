import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** Filters that live in the URL: reading one, and setting some ("" takes one away). */
export function useFilters(): [(name: string) => string, (values: Record<string, string | null>) => void] {
  const [search, setSearch] = useSearchParams()
  const get = useCallback((name: string) => search.get(name) ?? '', [search])
  const set = useCallback((values: Record<string, string | null>) => {
    setSearch((old) => {
      const next = new URLSearchParams(old)
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value)
        else next.delete(name)
      }
      return next
    }, { replace: true, preventScrollReset: true })
  }, [setSearch])
  return [get, set]
}

/** Undefined for what is empty, as query parameters want it. */
export const some = (text: string) => text || undefined
