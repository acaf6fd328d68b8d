import type { Schemas } from '../api/client'

// A broadcast's document as the console edits it, and back.

export type Variant = { name: string; weight: number; template: string }
export type Unit = 'minute' | 'hour'

export type Design = {
  title: string
  segment: string
  channel: string
  purpose: string
  template: string
  topic: string
  variants: Variant[] // empty: one message for everybody
  when: 'now' | 'at' | 'local'
  moment: string // 2026-12-01T09:00, on the clock of whoever writes it, or of each reader
  pace: number // 0: as fast as it goes
  per: Unit
  holdout: number
  goal: string
  where: string | object // what must be true of the goal's event: text, or a tree
  within: string
  rest: Record<string, unknown> // what the console does not edit
}

export const empty: Design = {
  title: '', segment: '', channel: 'email', purpose: '', template: '', topic: '', variants: [], when: 'now', moment: '', pace: 0, per: 'minute',
  holdout: 0, goal: '', where: '', within: '7d', rest: {},
}

type Doc = {
  title?: string; segment?: string; message?: { channel?: string; purpose?: string; template?: string; topic?: string }
  variants?: Variant[]; when?: 'now' | { at?: string; local?: string }; pace?: string; holdout?: number; goal?: { event?: string; where?: string | object; within?: string }
}

/** Reads a document; what the console has no field for is kept as it is. */
export function read(body: unknown): Design {
  const { title, segment, message = {}, variants, when, pace, holdout, goal, ...rest } = (body ?? {}) as Doc & Record<string, unknown>
  const { channel, purpose, template, topic, ...more } = message
  const [amount, , per] = (pace ?? '').split(' ')
  const at = typeof when === 'object' ? when : {}
  return {
    title: title ?? '', segment: segment ?? '', channel: channel ?? 'email', purpose: purpose ?? '', template: template ?? '', topic: topic ?? '',
    variants: variants ?? [], when: at.at ? 'at' : at.local ? 'local' : 'now', moment: at.at ? toLocal(at.at) : (at.local ?? '').replace(' ', 'T'),
    pace: Number(amount) || 0, per: per === 'hour' ? 'hour' : 'minute', holdout: holdout ?? 0, goal: goal?.event ?? '', where: goal?.where ?? '', within: goal?.within ?? '7d',
    rest: Object.keys(more).length ? { ...rest, message: more } : rest,
  }
}

/** Writes the document. */
export function write(d: Design): Record<string, unknown> {
  const { message, ...rest } = d.rest as { message?: object }
  const split = d.variants.length > 0
  return {
    ...(d.title && { title: d.title }),
    segment: d.segment,
    message: { ...message, channel: d.channel, purpose: d.purpose, ...(!split && { template: d.template }), ...(d.topic && { topic: d.topic }) },
    ...(split && { variants: d.variants }),
    ...(d.when === 'at' && { when: { at: fromLocal(d.moment) } }),
    ...(d.when === 'local' && { when: { local: d.moment.replace('T', ' ') } }),
    ...(d.pace > 0 && { pace: `${d.pace} per ${d.per}` }),
    ...(d.holdout > 0 && { holdout: d.holdout }),
    ...(d.goal && { goal: { event: d.goal, ...(d.where && { where: d.where }), within: d.within } }),
    ...rest,
  }
}

/** What a draft began from; version 0: nothing is stored yet. */
export type Base = { version: number; body: unknown }

export const same = (d: Design, base: Base) => JSON.stringify(write(d)) === JSON.stringify(write(read(base.body)))

/** What a draft is held against: what it began from as long as something was changed, else what is stored now. */
export const based = (base: Base, now: Base, d: Design) => (now.version > base.version && same(d, base) ? now : base)

/** An instant as a datetime-local field shows it: on this browser's clock. */
export function toLocal(instant: string): string {
  const t = new Date(instant)
  if (Number.isNaN(t.getTime())) return ''
  return new Date(t.getTime() - t.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function fromLocal(text: string): string {
  const t = new Date(text)
  return Number.isNaN(t.getTime()) ? '' : t.toISOString().replace('.000Z', 'Z')
}

/** A name for a document from its title: "Spring 2026!" as "spring-2026". */
export function nameFrom(title: string): string {
  return title.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60)
}

export type Step = 'who' | 'what' | 'when' | 'check' | 'send'
export const steps: Step[] = ['who', 'what', 'when', 'check', 'send']

/** What is missing before a step is done; the keys are texts of the catalogue. */
export function missing(d: Design, step: Step): string[] {
  const out: string[] = []
  if (step === 'who' && !nameFrom(d.title)) out.push('title')
  if (step === 'who' && !d.segment) out.push('segment')
  if (step === 'what' && !d.purpose) out.push('purpose')
  if (step === 'what' && (d.variants.length ? d.variants.some((v) => !v.template) : !d.template)) out.push('template')
  if (step === 'when' && d.when !== 'now' && !d.moment) out.push('moment')
  return out
}

export type Total = Omit<Schemas['BroadcastResult'], 'variant'>

/** Everybody together. */
export function totalOf(results: Schemas['BroadcastResult'][]): Total {
  const sum: Total = { people: 0, waiting: 0, held_out: 0, skipped: 0, canceled: 0, allowed: 0, held: 0, dropped: 0, sent: 0, delivered: 0, opened: 0, clicked: 0, bounced: 0, failed: 0, opted_out: 0, complained: 0 }
  for (const r of results) for (const k of Object.keys(sum) as (keyof Total)[]) sum[k] += r[k]
  return sum
}
