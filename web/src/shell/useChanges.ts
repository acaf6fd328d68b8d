import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useMatch } from 'react-router'
import { useMay } from '../api/session'
import { follows, live, Refresher } from './changes'
import { Reach } from './reach'

/** How often everything is asked, and the stream tried again, while there is none. */
const fallback = 15_000
/** How often it is looked whether what has to wait for its turn may be asked. */
const passes = 300

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/

/**
 * Keeps what is on the screen up to date: one stream of the server's says which kinds of things have changed. While there is
 * none, everything is asked from time to time. A tab that nobody sees has no stream and asks nothing; when it is seen again it
 * catches up. Returns since when Heed has not answered; undefined while it does.
 */
export function useChanges(): number | undefined {
  const client = useQueryClient()
  const may = useMay()
  const asked = useMatch('/people/:id')?.params.id ?? ''
  const person = uuid.test(asked) && may('people:read') ? asked : ''
  const [reach] = useState(() => new Reach())
  useEffect(() => reach.follow(client.getQueryCache()), [reach, client])

  useEffect(() => {
    const refresher = new Refresher(client)
    let source: EventSource | undefined
    let connected = false
    let since = Date.now() // what was answered before may be old when the stream begins

    const catchUp = () => {
      const before = since
      refresher.changed((q) => live(q.queryKey) && q.state.fetchStatus === 'idle' && q.state.dataUpdatedAt < before)
      refresher.pass()
    }
    const open = () => {
      source = new EventSource(`/api/v1/changes${person ? `?person=${person}` : ''}`)
      source.onopen = () => {
        connected = true
        reach.heard()
        catchUp()
      }
      source.onmessage = (e) => {
        reach.heard()
        const { kinds } = JSON.parse(e.data as string) as { kinds: string[] }
        refresher.changed((q) => follows(q.queryKey, kinds))
        refresher.pass()
      }
      source.onerror = () => { // the browser connects again by itself, unless the server has refused
        if (connected) {
          since = Date.now()
          reach.heard()
        } else if (source?.readyState === EventSource.CONNECTING) reach.missed() // nobody was there, twice
        connected = false
      }
    }
    const shut = () => {
      source?.close()
      if (connected) {
        since = Date.now()
        reach.heard()
      }
      connected = false
      source = undefined
    }
    const seen = () => {
      if (document.hidden) shut()
      else if (!source) open()
    }
    const passing = setInterval(() => document.hidden || refresher.pass(), passes)
    const polling = setInterval(() => {
      if (document.hidden || connected) return
      since = Date.now()
      catchUp()
      if (source?.readyState === EventSource.CLOSED) {
        shut()
        open()
      }
    }, fallback)
    seen()
    document.addEventListener('visibilitychange', seen)
    return () => {
      document.removeEventListener('visibilitychange', seen)
      clearInterval(passing)
      clearInterval(polling)
      shut()
    }
  }, [client, person, reach])
  return useSyncExternalStore(reach.subscribe, reach.since)
}
