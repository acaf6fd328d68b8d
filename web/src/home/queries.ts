import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, must, type Schemas } from '../api/client'

export type Overview = Schemas['Overview']
export type Happening = Schemas['Happening']

export function useOverview() {
  return useQuery({ queryKey: ['overview'], queryFn: () => must(api.GET('/api/v1/overview')), refetchInterval: 5_000 })
}

export function useSome<T>(key: string[], enabled: boolean, queryFn: () => Promise<T>) {
  return useQuery({ queryKey: key, queryFn, enabled, refetchInterval: 30_000, retry: false })
}

const kept = 60

/** What happens while it happens. The server ends each stream after five minutes; the browser connects again. */
export function useLive(on: boolean): { happenings: (Happening & { n: number })[]; connected: boolean } {
  const [happenings, setHappenings] = useState<(Happening & { n: number })[]>([])
  const [connected, setConnected] = useState(false)
  useEffect(() => {
    if (!on) return
    const source = new EventSource('/api/v1/live')
    let n = 0
    let waiting: (Happening & { n: number })[] = []
    // A busy brand has hundreds a second: paint them together, a few times a second.
    const paint = setInterval(() => {
      if (!waiting.length) return
      const fresh = waiting.reverse()
      waiting = []
      setHappenings((old) => [...fresh, ...old].slice(0, kept))
    }, 400)
    source.onopen = () => setConnected(true)
    source.onerror = () => setConnected(false)
    source.onmessage = (e) => {
      waiting.push({ ...(JSON.parse(e.data as string) as Happening), n: Date.now() * 1000 + (n++ % 1000) })
      if (waiting.length > kept) waiting.shift()
    }
    return () => {
      clearInterval(paint)
      source.close()
      setConnected(false)
    }
  }, [on])
  return { happenings, connected }
}

/** Events of the last 24 hours, hour by hour, with the hours in which nothing happened. */
export function hours(points: { at: string; value: number }[], now: number): { at: number; value: number }[] {
  const hour = 3_600_000
  const known = new Map(points.map((p) => [Math.floor(Date.parse(p.at) / hour), p.value]))
  const last = Math.floor(now / hour)
  return Array.from({ length: 24 }, (_, i) => ({ at: (last - 23 + i) * hour, value: known.get(last - 23 + i) ?? 0 }))
}
