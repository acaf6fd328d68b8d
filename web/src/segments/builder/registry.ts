import { event } from './conditions/event'
import { events } from './conditions/events'
import { memory } from './conditions/memory'
import { relation } from './conditions/relation'
import type { Condition, Place } from './context'

// Every kind of condition, in the order in which they are offered. A new one is a file, or a line in one, and a line here.
export const conditions: Condition[] = [...events, ...memory, ...relation, ...event]

export const conditionOf = (kind: string) => conditions.find((c) => c.kind === kind)

/** What can be asked where the rule stands. */
export function offered(place: Place): Condition[] {
  if (place.where) return conditions.filter((c) => c.kind === 'property' || c.kind === 'place')
  return conditions.filter((c) => c.kind !== 'property' && c.kind !== 'place' && (c.kind !== 'event' || !!place.triggering))
}
