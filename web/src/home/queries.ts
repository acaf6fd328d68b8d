import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, must, type Schemas } from '../api/client'
import { language } from '../words/i18n'

export type Overview = Schemas['Overview']
export type Happening = Schemas['Happening']

const overviewKey = ['overview']

export function useSome<T>(key: string[], enabled: boolean, queryFn: () => Promise<T>) {
  return useQuery({ queryKey: key, queryFn, enabled, retry: false })
}

const kept = 60

/** What a stream of server-sent events brings, newest first. The server ends each after five minutes; the browser connects again. */
export function useStream<T>(url: string, on: boolean): { items: (T & { n: number })[]; connected: boolean; clear: () => void } {
  const [items, setItems] = useState<(T & { n: number })[]>([])
  const [connected, setConnected] = useState(false)
  useEffect(() => {
    if (!on) return
    const source = new EventSource(`${url}${url.includes('?') ? '&' : '?'}language=${language()}`)
    let n = 0
    let waiting: (T & { n: number })[] = []
    // A busy brand has hundreds a second: paint them together, a few times a second.
    const paint = setInterval(() => {
      if (!waiting.length) return
      const fresh = waiting.reverse()
      waiting = []
      setItems((old) => [...fresh, ...old].slice(0, kept))
    }, 400)
    source.onopen = () => setConnected(true)
    source.onerror = () => setConnected(false)
    source.onmessage = (e) => {
      waiting.push({ ...(JSON.parse(e.data as string) as T), n: Date.now() * 1000 + (n++ % 1000) })
      if (waiting.length > kept) waiting.shift()
    }
    return () => {
      clearInterval(paint)
      source.close()
      setConnected(false)
    }
  }, [url, on])
  return { items, connected, clear: () => setItems([]) }
}

/** Events of the last 24 hours, hour by hour, with the hours in which nothing happened. */
export function hours(points: { at: string; value: number }[], now: number): { at: number; value: number }[] {
  const hour = 3_600_000
  const known = new Map(points.map((p) => [Math.floor(Date.parse(p.at) / hour), p.value]))
  const last = Math.floor(now / hour)
  return Array.from({ length: 24 }, (_, i) => ({ at: (last - 23 + i) * hour, value: known.get(last - 23 + i) ?? 0 }))
}

type Outcomes = Pick<Overview, 'outcomes' | 'outcomes_before'>

/** How many of the messages that went out today ended badly, when that is more than it should be or than it was. */
export function rising(o: Outcomes, what: 'bounced' | 'complained'): { share: number; before: number } | null {
  const by = (list: Overview['outcomes'], key: string) => list.find((c) => c.key === key)?.count ?? 0
  const sent = by(o.outcomes, 'sent')
  const bad = by(o.outcomes, what)
  const before = by(o.outcomes_before, what) / Math.max(1, by(o.outcomes_before, 'sent'))
  const share = bad / Math.max(1, sent)
  // What mailbox providers begin to mind: bounces above 2 %, complaints above 0.1 %. A handful proves nothing.
  const limit = what === 'bounced' ? 0.02 : 0.001
  return bad >= 5 && share > limit && share > before * 1.5 ? { share, before } : null
}

/** How things stand. */
export function useOverview() {
  return useQuery({ queryKey: overviewKey, queryFn: () => must(api.GET('/api/v1/overview')) })
}
