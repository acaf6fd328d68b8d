import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'
import { editing } from '../ui/edit'

/** A question that follows a kind of change: the beginning of its key; with `only`, the whole key. */
type Follows = { key: QueryKey; only?: boolean }

const on = (...key: string[]): Follows => ({ key })

/** Which questions each kind of change (GET /changes) answers anew. */
const followers: Record<string, Follows[]> = {
  audit: [on('audit')],
  broadcasts: [on('broadcasts')],
  'dead-letters': [on('dead-letters')],
  decisions: [on('decisions'), on('overview')],
  exports: [on('exports')],
  health: [on('overview')],
  history: [on('catalogue'), on('overview'), on('sources'), on('broadcasts', '*', 'goal')],
  imports: [on('imports')],
  journeys: [on('journeys'), on('overview')],
  keys: [on('keys'), on('sources')],
  mails: [{ key: ['mails'], only: true }, on('mails', 'of')],
  messages: [on('messages'), on('overview')],
  people: [on('people', 'list'), on('overview')],
  rehearsals: [on('journeys', 'rehearsal')],
  reviews: [on('reviews')],
  segments: [on('segments')],
  specs: [on('specs'), on('journeys'), on('segments'), on('broadcasts'), on('sources'), on('deliverability')],
  suppressions: [on('suppressions')],
  users: [on('users')],
  views: [on('views')],
}

/** Questions whose answer depends on nothing but what they ask, or that are asked while somebody writes: the world does not move them. */
const still: QueryKey[] = [
  ['broadcasts', '*', 'checked'], ['decisions', 'one'], ['decisions', 'today'], ['journeys', 'check'], ['journeys', '*', 'holdout'], ['segments', 'preview'],
  ['segments', 'values'], ['segments', 'vocabulary'], ['specs', 'template', '*'], // what an editor began from
]

const begins = (key: QueryKey, with_: QueryKey) => with_.every((part, i) => (part === '*' ? i < key.length : key[i] === part))

/** Whether a change of these kinds may give a question another answer. */
export function follows(key: QueryKey, kinds: readonly string[]): boolean {
  if (still.some((s) => begins(key, s))) return false
  return kinds.some((kind) => {
    const [people, person] = kind.split('/')
    if (person) return people === 'people' && (begins(key, ['people', person]) || begins(key, ['names', person]))
    return followers[kind]?.some((f) => begins(key, f.key) && (!f.only || key.length === f.key.length)) ?? false
  })
}

/** Whether any change at all may give it another answer. */
export const live = (key: QueryKey) => follows(key, [...Object.keys(followers), `people/${String(key[1])}`])

/** A question may take a tenth of the time, so that a slow one on a busy brand is asked less often; but once a minute at least. */
const share = 10
const soonest = 900
const latest = 60_000

/**
 * Asks again what has changed: those questions at once that are on the screen, each at its own pace and never twice at the same
 * time; the others when somebody comes back to them. It loses no change: one that comes while a question is being answered
 * has it asked once more.
 */
export class Refresher {
  private due = new Set<string>()
  private next = new Map<string, number>()

  constructor(private client: QueryClient, private now: () => number = () => performance.now()) {}

  /** Notes what has changed. `pass` asks. */
  changed(which: (query: Query) => boolean) {
    const moved = this.client.getQueryCache().findAll({ predicate: which })
    for (const query of moved) {
      query.invalidate()
      if (query.isActive()) this.due.add(query.queryHash)
    }
  }

  /** Asks what is due, and returns whether something still waits. */
  pass(): boolean {
    if (this.client.isMutating({ mutationKey: editing })) return this.due.size > 0
    const cache = this.client.getQueryCache()
    for (const hash of this.due) {
      const query = cache.get(hash)
      if (!query?.isActive()) this.due.delete(hash)
      else if (query.state.fetchStatus === 'idle' && this.now() >= (this.next.get(hash) ?? 0)) {
        this.due.delete(hash)
        void this.ask(query)
      }
    }
    return this.due.size > 0
  }

  private async ask(query: Query) {
    const began = this.now()
    this.next.set(query.queryHash, Infinity)
    try {
      await this.client.refetchQueries({ predicate: (q) => q === query })
    } finally {
      const took = this.now() - began
      this.next.set(query.queryHash, this.now() + Math.min(latest, Math.max(soonest, (share - 1) * took)))
    }
  }
}
