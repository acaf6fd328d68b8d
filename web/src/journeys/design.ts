import { words } from '../words/i18n'
import { spanText } from '../words/time'
import { channelText, departmentText, readable } from '../words/words'

const t = words('journeys')

// The design of a journey as its spec says it, read leniently: what the console does not know it still shows.

export type Rule = string | object
export type NodeDoc = { id: string; title?: string; next?: string; then?: string; else?: string; [kind: string]: unknown }
export type Design = {
  title?: string
  note?: string
  trigger?: { event?: string; type?: string; segment_entered?: string; segment_left?: string; date?: { trait?: string; offset?: string; at?: string; yearly?: boolean }; schedule?: { every?: string; at?: string; date?: string; day?: number; on?: string | string[]; segment?: string; rule?: Rule }; api?: boolean; where?: Rule }
  entry?: { limit?: number; every?: string; rule?: Rule; max_age?: string }
  on_publish?: string
  on_resume?: string
  paused?: boolean
  steps?: number
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
    case 'message': return { what: n.title ?? (word(f.template) ? readable(word(f.template)) : t('node.message')), detail: [channelText(word(f.channel)), word(f.purpose) && readable(word(f.purpose))].filter(Boolean).join(' · ') }
    case 'wait': {
      if (typeof n.wait === 'string') return { what: n.title ?? t('say.wait', { span: spanText(n.wait) }) }
      const on = Array.isArray(f.on) ? f.on.join(', ') : word(f.on)
      const parts = [f.for && t('say.for', { span: spanText(word(f.for)) }), f.until && t('say.until', { time: word(f.until) }), on && t('say.on', { days: on }), f.trait && t('say.date', { trait: word(f.trait) }), f.offset && `(${word(f.offset)})`]
      return { what: n.title ?? t('say.waits', { what: parts.filter(Boolean).join(' ') }) }
    }
    case 'wait_for': return {
      what: n.title ?? t('say.wait-for', { what: word(f.event) || (f.segment ? t('say.segment', { segment: readable(word(f.segment)) }) : t('say.a-rule')) }),
      detail: [f.rule ? ruleText(f.rule) : '', f.within ? t('say.at-most', { span: spanText(word(f.within)) }) : ''].filter(Boolean).join(' · '),
    }
    case 'branch': return { what: n.title ?? t('node.branch'), detail: Array.isArray(n.branch) ? t('say.ways', { count: n.branch.length + 1 }) : undefined }
    case 'split': return { what: n.title ?? t('node.split'), detail: t('say.same-way') }
    case 'holdout': return { what: n.title ?? t('say.hold-out', { percent: word(typeof n.holdout === 'number' ? n.holdout : f.percent) }), detail: t('say.to-measure') }
    case 'update': return { what: n.title ?? t('node.update'), detail: [...Object.keys(fields(f.set)), ...(Array.isArray(f.unset) ? f.unset.map((u) => `−${u}`) : [])].join(', ') }
    case 'task': return { what: n.title ?? (word(f.title) || t('node.task')), detail: [departmentText(word(f.department) || 'service'), f.due && t('say.due', { span: spanText(word(f.due)) })].filter(Boolean).join(' · ') }
    case 'webhook': return { what: n.title ?? t('say.call', { what: word(f.template) ? readable(word(f.template)) : t('say.a-webhook') }), detail: readable(word(f.purpose)) }
    case 'end': return { what: n.title ?? (f.reason ? t('say.end', { reason: readable(word(f.reason)).toLowerCase() }) : t('node.end')) }
  }
  return { what: n.title ?? n.id, detail: t('say.unknown') }
}

/** What starts a journey, in words. */
export function describeTrigger(d: Design['trigger']): string {
  if (!d) return t('start.nothing')
  if (d.event) return d.type && d.type !== 'track' ? `${readable(d.type)} ${d.event}` : d.event
  if (d.segment_entered) return t('start.entered', { segment: readable(d.segment_entered) })
  if (d.segment_left) return t('start.left', { segment: readable(d.segment_left) })
  if (d.date) return t('start.date', { trait: d.date.trait ?? '?' }) + (d.date.offset ? ` (${d.date.offset})` : '')
  if (d.schedule) return d.schedule.every === 'once' ? t('start.once', { when: `${d.schedule.date ?? ''} ${d.schedule.at ?? ''}`.trim() }) : d.schedule.at ? t('start.every', { every: t(`every.${d.schedule.every ?? 'day'}`), at: d.schedule.at }) : t(`every.${d.schedule.every ?? 'day'}`)
  if (d.api) return t('start.api')
  return t('start.nothing')
}

export const start = '(start)'
export const end = '(end)'
export type Edge = { from: string; to: string; label?: string; tone?: 'good' | 'wait' | 'mute'; port?: string }

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
        if (yes === no) return add(yes, t('way.any'))
        add(yes, t('way.then'), 'good')
        return add(no, t('way.late'), 'wait')
      }
      case 'branch': {
        for (const way of Array.isArray(n.branch) ? (n.branch as Fields[]) : []) add(to(way.then), cut(ruleText(way.when)), 'good')
        return add(n.else ? to(n.else) : next, t('way.else'), 'mute')
      }
      case 'split': {
        const arms = Array.isArray(n.split) ? (n.split as Fields[]) : []
        const sum = arms.reduce((s, a) => s + Number(a.weight ?? 0), 0)
        for (const a of arms) add(to(a.then), sum > 0 ? `${Math.round((Number(a.weight ?? 0) / sum) * 100)} %` : undefined)
        return
      }
      case 'holdout': {
        add(next, t('way.others'), 'good')
        return add(n.then ? to(n.then) : end, t('way.held'), 'mute')
      }
      case 'message': case 'webhook': {
        add(next)
        const dropped = f.if_dropped
        if (dropped === 'exit') add(end, t('way.dropped'), 'mute')
        else if (typeof dropped === 'string' && ids.has(dropped) && dropped !== next) add(dropped, t('way.dropped'), 'mute')
        return
      }
      default: return add(next)
    }
  })
  return edges
}

const cut = (text: string) => (text.length > 34 ? `${text.slice(0, 33)}…` : text)

/** What a way out of a node is called. */
export function labelOf(n: NodeDoc, port: string): string | undefined {
  const kind = kindOf(n)
  const at = Number(port.split('.')[1])
  if (port.startsWith('branch.')) return cut(ruleText((n.branch as Fields[])[at]?.when) || t('way.rule', { number: at + 1 }))
  if (port.startsWith('split.')) {
    const arms = n.split as Fields[]
    const sum = arms.reduce((s, a) => s + Number(a.weight ?? 0), 0)
    return sum > 0 ? `${Math.round((Number(arms[at]?.weight ?? 0) / sum) * 100)} %` : undefined
  }
  if (port === 'dropped') return t('way.dropped')
  if (kind === 'wait_for') return port === 'then' ? t('way.then') : t('way.late')
  if (kind === 'branch') return t('way.else')
  if (kind === 'holdout') return port === 'next' ? t('way.others') : t('way.held')
}
