import type { Body, RuleKind } from './queries'

/** What a message must be for a rule, a cap or quiet hours to be about it. Empty does not narrow. */
export type Scope = { selling?: boolean; purposes: string[]; classes: string[]; channels: string[] }

const list = (one: unknown, many: unknown): string[] => [...(Array.isArray(many) ? (many as string[]) : []), ...(typeof one === 'string' && one ? [one] : [])]

/** Reads the scope of a document, singular and plural forms alike. */
export function scopeOf(b: Body): Scope {
  return {
    selling: typeof b.selling === 'boolean' ? b.selling : undefined,
    purposes: list(b.purpose, b.purposes), classes: list(b.class, b.classes), channels: list(b.channel, b.channels),
  }
}

/** Puts a scope into a document, in the plural forms, and leaves out what does not narrow. */
export function withScope(b: Body, s: Scope): Body {
  const out = { ...b }
  for (const key of ['selling', 'purpose', 'purposes', 'class', 'classes', 'channel', 'channels']) delete out[key]
  if (s.selling !== undefined) out.selling = s.selling
  if (s.purposes.length) out.purposes = s.purposes
  if (s.classes.length) out.classes = s.classes
  if (s.channels.length) out.channels = s.channels
  return out
}

/** A document with a field set; what is empty is left out. */
export function put(b: Body, key: string, value: unknown): Body {
  const out = { ...b, [key]: value }
  if (value === '' || value === undefined || value === null || (Array.isArray(value) && !value.length)) delete out[key]
  return out
}

export const text = (b: Body, key: string) => (typeof b[key] === 'string' ? (b[key] as string) : '')

/** "7d" as its number and unit; what is written otherwise is kept as it is. */
export function spanOf(value: unknown): { n: number; unit: 'm' | 'h' | 'd' | 'w' } | undefined {
  const m = /^(\d+)([mhdw])$/.exec(typeof value === 'string' ? value : '')
  return m ? { n: Number(m[1]), unit: m[2] as 'm' } : undefined
}

/** A first document of a kind: it can be saved as soon as it has a name. */
export function beginning(kind: RuleKind): Body {
  switch (kind) {
    case 'purpose': return { title: '', class: 'marketing', consent: 'opt_in' }
    case 'rule': return { title: '', forbid: 'has open case', then: 'hold', selling: true }
    case 'cap': return { title: '', max: 3, per: '7d', classes: ['marketing', 'survey', 'community'] }
    case 'quiet_hours': return { title: '', from: '21:00', to: '08:00', classes: ['marketing', 'survey', 'community'] }
  }
}

/** "No selling on trouble" as a name for files and addresses: "no-selling-on-trouble". */
export function nameFrom(title: string): string {
  return title.toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60)
}

export const classes = ['service_critical', 'service', 'marketing', 'survey', 'community'] as const
export const channels = ['email', 'sms', 'push', 'phone', 'whatsapp', 'inapp', 'webhook', 'community'] as const
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
