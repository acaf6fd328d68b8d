import type { QueryCache } from '@tanstack/react-query'
import { ApiError } from '../api/client'

/** Whether Heed answers, and since when it does not: what is on the screen is then from that moment. */
export class Reach {
  private last: number
  private from?: number
  private listeners = new Set<() => void>()

  constructor(private now: () => number = Date.now) {
    this.last = now()
  }

  /** It has answered, or was connected until now. */
  heard() {
    this.last = this.now()
    this.set(undefined)
  }

  /** A question got no answer. */
  missed() {
    this.set(this.from ?? this.last)
  }

  /** The moment it was heard last; undefined while it answers. */
  since = () => this.from

  subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => { this.listeners.delete(listener) }
  }

  /** Learns from every answer to a question of the pages. Returns what ends that. */
  follow(cache: QueryCache): () => void {
    return cache.subscribe((event) => {
      if (event.type !== 'updated') return
      if (event.action.type === 'success' && !event.action.manual) this.heard()
      else if ((event.action.type === 'failed' || event.action.type === 'error') && unanswered(event.action.error)) this.missed()
    })
  }

  private set(from: number | undefined) {
    if (from === this.from) return
    this.from = from
    this.listeners.forEach((l) => l())
  }
}

/** Nobody was there, or somebody in between said so; a problem that Heed itself tells of has a title. */
const unanswered = (error: unknown) => error instanceof ApiError && (error.status === 0 || (error.status >= 502 && !error.problem.title))
