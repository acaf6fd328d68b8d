import { spanText } from '../words/time'
import { channelText, readable } from '../words/words'

// The design of a journey as its spec says it, read leniently: what the console does not know it still shows.

export type Rule = string | object
export type NodeDoc = { id: string; title?: string; next?: string; then?: string; else?: string; [kind: string]: unknown }
export type Design = {
  title?: string
  note?: string
  trigger?: { event?: string; type?: string; segment_entered?: string; segment_left?: string; date?: { trait?: string; offset?: string }; schedule?: { every?: string; at?: string; date?: string; segment?: string }; api?: boolean; where?: Rule }
  entry?: { limit?: number; every?: string; rule?: Rule }
  key?: string
  exit?: Rule
  goal?: Rule | { event?: string; rule?: Rule; then?: string }
  nodes?: NodeDoc[]
}

export const kinds = ['message', 'wait', 'wait_for', 'branch', 'split', 'holdout', 'update', 'task', 'webhook', 'end'] as const
export type Kind = (typeof kinds)[number]

export function kindOf(n: NodeDoc): Kind | undefined {
  return kinds.find((k) => k in n)
}

/** A rule as text; a tree shows as its JSON. */
export const ruleText = (r: unknown): string => (typeof r === 'string' ? r : r === undefined || r === null ? '' : JSON.stringify(r))

type Fields = Record<string, unknown>
const fields = (v: unknown): Fields => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Fields) : {})
const word = (v: unknown) => (typeof v === 'string' || typeof v === 'number' ? String(v) : '')

/** What a node does, in a few words. */
export function describe(n: NodeDoc): { what: string; detail?: string } {
  const kind = kindOf(n)
  const f = fields(kind && n[kind])
  switch (kind) {
    case 'message': return { what: n.title ?? readable(word(f.template) || 'message'), detail: `${channelText(word(f.channel))} · ${readable(word(f.purpose))}` }
    case 'wait': {
      if (typeof n.wait === 'string') return { what: n.title ?? `Wait ${spanText(n.wait)}` }
      const on = Array.isArray(f.on) ? f.on.join(', ') : word(f.on)
      const parts = [f.for && `for ${spanText(word(f.for))}`, f.until && `until ${word(f.until)}`, on && `on ${on}`, f.trait && `for the date in ${word(f.trait)}`, f.offset && `(${word(f.offset)})`]
      return { what: n.title ?? `Wait ${parts.filter(Boolean).join(' ')}` }
    }
    case 'wait_for': return {
      what: n.title ?? `Wait for ${word(f.event) || (f.segment ? `segment ${readable(word(f.segment))}` : 'a rule')}`,
      detail: [f.rule ? ruleText(f.rule) : '', f.within ? `at most ${spanText(word(f.within))}` : ''].filter(Boolean).join(' · '),
    }
    case 'branch': return { what: n.title ?? 'Branch', detail: Array.isArray(n.branch) ? `${n.branch.length + 1} ways` : undefined }
    case 'split': return { what: n.title ?? 'Split by chance', detail: 'the same person always the same way' }
    case 'holdout': return { what: n.title ?? `Hold out ${word(typeof n.holdout === 'number' ? n.holdout : f.percent)} %`, detail: 'to measure what this does' }
    case 'update': return { what: n.title ?? 'Update traits', detail: [...Object.keys(fields(f.set)), ...(Array.isArray(f.unset) ? f.unset.map((u) => `−${u}`) : [])].join(', ') }
    case 'task': return { what: n.title ?? (word(f.title) || 'A task'), detail: [readable(word(f.department) || 'service'), f.due && `due in ${spanText(word(f.due))}`].filter(Boolean).join(' · ') }
    case 'webhook': return { what: n.title ?? `Call ${readable(word(f.template) || 'a webhook')}`, detail: readable(word(f.purpose)) }
    case 'end': return { what: n.title ?? (f.reason ? `End: ${readable(word(f.reason)).toLowerCase()}` : 'End') }
  }
  return { what: n.title ?? n.id, detail: 'unknown type' }
}

/** What starts a journey, in words. */
export function describeTrigger(t: Design['trigger']): string {
  if (!t) return 'Nothing starts it'
  if (t.event) return t.type && t.type !== 'track' ? `${readable(t.type)} ${t.event}` : t.event
  if (t.segment_entered) return `Enters ${readable(t.segment_entered)}`
  if (t.segment_left) return `Leaves ${readable(t.segment_left)}`
  if (t.date) return `Date in ${t.date.trait ?? '?'}${t.date.offset ? ` (${t.date.offset})` : ''}`
  if (t.schedule) return t.schedule.every === 'once' ? `Once, ${t.schedule.date ?? ''} ${t.schedule.at ?? ''}`.trim() : `Every ${t.schedule.every ?? '?'} ${t.schedule.at ? `at ${t.schedule.at}` : ''}`.trim()
  if (t.api) return 'Somebody enters them'
  return 'Unknown trigger'
}

export const start = '(start)'
export const end = '(end)'
export type Edge = { from: string; to: string; label?: string; tone?: 'good' | 'wait' | 'mute' }

/** How the nodes lead to each other, as the engine reads the spec: a node without `next` goes on to the one below. */
export function edgesOf(design: Design): Edge[] {
  const nodes = design.nodes ?? []
  const ids = new Set(nodes.map((n) => n.id))
  const to = (id: unknown) => (typeof id === 'string' && ids.has(id) ? id : end)
  const edges: Edge[] = [{ from: start, to: nodes[0]?.id ?? end }]
  nodes.forEach((n, i) => {
    const next = to(n.next || nodes[i + 1]?.id)
    const add = (target: string, label?: string, tone?: Edge['tone']) => edges.push({ from: n.id, to: target, label, tone })
    const kind = kindOf(n)
    const f = fields(kind && n[kind])
    switch (kind) {
      case 'end': return
      case 'wait_for': {
        const yes = n.then ? to(n.then) : next
        const no = n.else ? to(n.else) : next
        if (yes === no) return add(yes, 'in any case')
        add(yes, 'it happened', 'good')
        return add(no, 'time is up', 'wait')
      }
      case 'branch': {
        for (const way of Array.isArray(n.branch) ? (n.branch as Fields[]) : []) add(to(way.then), cut(ruleText(way.when)), 'good')
        return add(n.else ? to(n.else) : next, 'otherwise', 'mute')
      }
      case 'split': {
        const arms = Array.isArray(n.split) ? (n.split as Fields[]) : []
        const sum = arms.reduce((s, a) => s + Number(a.weight ?? 0), 0)
        for (const a of arms) add(to(a.then), sum > 0 ? `${Math.round((Number(a.weight ?? 0) / sum) * 100)} %` : undefined)
        return
      }
      case 'holdout': {
        add(next, 'the others', 'good')
        return add(n.then ? to(n.then) : end, 'held out', 'mute')
      }
      case 'message': case 'webhook': {
        add(next)
        const dropped = f.if_dropped
        if (dropped === 'exit') add(end, 'if not allowed', 'mute')
        else if (typeof dropped === 'string' && ids.has(dropped) && dropped !== next) add(dropped, 'if not allowed', 'mute')
        return
      }
      default: return add(next)
    }
  })
  return edges
}

const cut = (text: string) => (text.length > 34 ? `${text.slice(0, 33)}…` : text)
