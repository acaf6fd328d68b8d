import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useReducer } from 'react'
import { api, must } from '../../api/client'
import type { Design } from '../design'
import { folded, spread } from './doc'

export type History = { past: Design[]; now: Design; future: Design[]; tag: string; rev: number }
export type Step = { do: 'set'; to: Design; tag?: string } | { do: 'undo' } | { do: 'redo' } | { do: 'reset'; to: Design }

const kept = 200

/** What was done can be undone. Changes with the same tag, such as the letters of one field, are one. */
export function history(h: History, step: Step): History {
  switch (step.do) {
    case 'set': {
      const same = step.tag !== undefined && step.tag === h.tag
      return { past: same ? h.past : [...h.past, h.now].slice(-kept), now: step.to, future: [], tag: step.tag ?? '', rev: h.rev }
    }
    case 'undo': return h.past.length ? { past: h.past.slice(0, -1), now: h.past[h.past.length - 1], future: [h.now, ...h.future], tag: '', rev: h.rev + 1 } : h
    case 'redo': return h.future.length ? { past: [...h.past, h.now], now: h.future[0], future: h.future.slice(1), tag: '', rev: h.rev + 1 } : h
    case 'reset': return { past: [], now: step.to, future: [], tag: '', rev: h.rev + 1 }
  }
}

const key = (name: string, version: number) => `heed-draft:${name}:${version}`

function remembered(name: string, version: number): Design | undefined {
  try {
    const text = sessionStorage.getItem(key(name, version))
    return text ? (JSON.parse(text) as Design) : undefined
  } catch {
    return undefined
  }
}

export type Draft = {
  /** With every way written down, as it is edited. */
  design: Design
  /** In the short form, as it is stored. */
  doc: Design
  changed: boolean
  /** Counts undos, redos and texts: fields that read their value once begin anew with it. */
  rev: number
  set: (to: Design, tag?: string) => void
  reset: (to?: Design) => void
  undo?: () => void
  redo?: () => void
}

/** A draft of a journey. What is not saved outlives a reload of the page. */
export function useDraft(name: string, version: number, stored: Design): Draft {
  const [h, send] = useReducer(history, undefined, () => ({ past: [], now: remembered(name, version) ?? spread(stored), future: [], tag: '', rev: 0 }))
  const doc = folded(h.now)
  const changed = JSON.stringify(doc) !== JSON.stringify(folded(spread(stored)))
  const text = JSON.stringify(h.now)
  useEffect(() => {
    try {
      if (changed) sessionStorage.setItem(key(name, version), text)
      else sessionStorage.removeItem(key(name, version))
    } catch {
      // Storage may be forbidden: then a reload begins anew.
    }
  }, [name, version, text, changed])
  return {
    design: h.now, doc, changed, rev: h.rev,
    set: (to, tag) => send({ do: 'set', to, tag }),
    reset: (to) => send({ do: 'reset', to: to ?? spread(stored) }),
    undo: h.past.length ? () => send({ do: 'undo' }) : undefined,
    redo: h.future.length ? () => send({ do: 'redo' }) : undefined,
  }
}

/** What is wrong with a draft, while it is drawn. */
export function useProblems(name: string, doc: Design) {
  const [settled] = useDebouncedValue(doc, 350)
  return useQuery({
    queryKey: ['journeys', 'check', name, settled], placeholderData: keepPreviousData, staleTime: 60_000,
    queryFn: () => must(api.POST('/api/v1/journeys/check', { body: { name: name || 'draft', body: settled } })),
  }).data?.items ?? []
}
