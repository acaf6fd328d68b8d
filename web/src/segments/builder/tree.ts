// A rule as a tree, as the API reads and writes it, and what can be done to it. Nothing here changes what it is given.

export type Literal = string | number | boolean | { time: string } | { duration: string }
export type EventDoc = { type?: string; name?: string; where?: RuleNode }
export type RuleNode = {
  kind: string
  of?: RuleNode[]
  event?: EventDoc
  steps?: EventDoc[]
  count?: { is: string; n: number }
  within?: string
  path?: string[]
  name?: string
  channel?: string
  state?: string
  topic?: string
  op?: string
  value?: Literal | Literal[]
}

export const isGroup = (n: RuleNode) => n.kind === 'all' || n.kind === 'any'
export const isNot = (n: RuleNode) => n.kind === 'not' && n.of?.length === 1

/** The root of the builder is always a group, so that there is a place to add to. */
export function asGroup(n: RuleNode): RuleNode {
  return isGroup(n) ? n : { kind: 'all', of: [n] }
}

export const replaced = <T>(list: T[], at: number, by: T) => list.map((x, i) => (i === at ? by : x))
export const without = <T>(list: T[], at: number) => list.filter((_, i) => i !== at)
export function moved<T>(list: T[], at: number, by: number): T[] {
  const to = Math.max(0, Math.min(list.length - 1, at + by))
  const out = list.filter((_, i) => i !== at)
  out.splice(to, 0, list[at])
  return out
}

/** Turns a condition or group round, and back. */
export const negated = (n: RuleNode): RuleNode => (isNot(n) ? n.of![0] : { kind: 'not', of: [n] })

/** What is wrong at this node and in its own fields, by the paths that the API names: "of[1].value". Below a group that the builder added around a single condition the paths begin one step later. */
export function problemsAt<P extends { field?: string }>(problems: P[], path: string): P[] {
  return problems.filter((p) => {
    const field = p.field ?? ''
    const rest = path === '' ? field : field === path ? '' : field.startsWith(path + '.') ? field.slice(path.length + 1) : undefined
    return rest !== undefined && !/^of\[/.test(rest)
  })
}

/** A literal as somebody writes it in a field. */
export function written(v: RuleNode['value']): string {
  if (v === undefined) return ''
  if (Array.isArray(v)) return v.map(written).join(', ')
  if (typeof v === 'object') return 'time' in v ? v.time : v.duration
  return String(v)
}

/** What somebody wrote, as a literal of the kind that the property or trait has. */
export function literal(text: string, kind?: string): Literal {
  const t = text.trim()
  if (kind !== 'text') {
    if (t === 'true' || t === 'false') return t === 'true'
    if (t !== '' && Number.isFinite(Number(t)) && /^-?\d/.test(t)) return Number(t)
  }
  return text
}

/** "within 90d" in its two fields. */
export function span(text: string | undefined): { n: number; unit: string } {
  const m = /^(\d+)([smhdw])$/.exec(text ?? '')
  return m ? { n: Number(m[1]), unit: m[2] } : { n: 30, unit: 'd' }
}
export const spanOf = (n: number, unit: string) => `${Math.max(1, Math.round(n) || 1)}${unit}`
