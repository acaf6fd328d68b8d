import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useReducer, useState } from 'react'
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

/** What a draft began from. */
export type Base = { version: number; stored: Design }
type Kept = Base & { now: Design }

const key = (name: string) => `heed-draft:${name}`

function remembered(name: string): Kept | undefined {
  try {
    const text = sessionStorage.getItem(key(name))
    return text ? (JSON.parse(text) as Kept) : undefined
  } catch {
    return undefined
  }
}

export const differs = (draft: Design, from: Design) => JSON.stringify(folded(draft)) !== JSON.stringify(folded(spread(from)))

/** What a draft is held against: what it began from as long as something was changed, else what is stored now. */
export function based(base: Base, now: Base, draft: Design): Base {
  return now.version > base.version && !differs(draft, base.stored) ? now : base
}

export type Draft = {
  /** With every way written down, as it is edited. */
  design: Design
  /** In the short form, as it is stored. */
  doc: Design
  changed: boolean
  /** The version that it began from. */
  began: number
  /** Counts undos, redos and texts: fields that read their value once begin anew with it. */
  rev: number
  set: (to: Design, tag?: string) => void
  /** Throws away what was changed; with `to`, for that. */
  reset: (to?: Design) => void
  /** Begins anew from a version. */
  begin: (from: Base) => void
  undo?: () => void
  redo?: () => void
}

/** A draft of a journey. What is not saved outlives a reload of the page, and what colleagues save meanwhile. */
export function useDraft(name: string, version: number, stored: Design): Draft {
  const [base, setBase] = useState<Base>(() => remembered(name) ?? { version, stored })
  const [h, send] = useReducer(history, undefined, () => ({ past: [], now: remembered(name)?.now ?? spread(stored), future: [], tag: '', rev: 0 }))
  const begin = (from: Base) => {
    setBase(from)
    send({ do: 'reset', to: spread(from.stored) })
  }
  const next = based(base, { version, stored }, h.now)
  if (next !== base) begin(next)
  const doc = folded(h.now)
  const changed = differs(h.now, base.stored)
  const text = JSON.stringify({ ...base, now: h.now } satisfies Kept)
  useEffect(() => {
    try {
      if (changed) sessionStorage.setItem(key(name), text)
      else sessionStorage.removeItem(key(name))
    } catch {
      // Storage may be forbidden: then a reload begins anew.
    }
  }, [name, text, changed])
  return {
    design: h.now, doc, changed, began: base.version, rev: h.rev, begin,
    set: (to, tag) => send({ do: 'set', to, tag }),
    reset: (to) => send({ do: 'reset', to: to ?? spread(base.stored) }),
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
