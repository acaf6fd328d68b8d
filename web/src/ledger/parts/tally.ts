import type { Schemas } from '../../api/client'

export type Hour = Schemas['DecisionHour']
export type Stack = { at: number; send: number; hold: number; drop: number }

const hour = 3_600_000

/** Hours as equal steps without gaps: hours themselves when there are few, else days where the reader is. */
export function steps(hours: Hour[]): { each: 'hour' | 'day'; stacks: Stack[] } {
  if (!hours.length) return { each: 'hour', stacks: [] }
  const first = Date.parse(hours[0].at!)
  const last = Date.parse(hours[hours.length - 1].at!)
  const each = last - first > 60 * hour ? 'day' : 'hour'
  const begin = (at: number) => {
    const d = new Date(at)
    if (each === 'day') d.setHours(0, 0, 0, 0)
    else d.setMinutes(0, 0, 0)
    return d.getTime()
  }
  const next = (at: number) => {
    const d = new Date(at)
    if (each === 'day') d.setDate(d.getDate() + 1)
    else return at + hour
    return d.getTime()
  }
  const by = new Map<number, Stack>()
  for (let at = begin(first); at <= last && by.size < 500; at = next(at)) by.set(at, { at, send: 0, hold: 0, drop: 0 })
  for (const h of hours) {
    const s = by.get(begin(Date.parse(h.at!)))
    if (s) { s.send += h.send; s.hold += h.hold; s.drop += h.drop }
  }
  return { each, stacks: [...by.values()] }
}
