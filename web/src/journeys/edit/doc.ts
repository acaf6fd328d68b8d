import { end, kindOf, type Design, type Kind, type NodeDoc } from '../design'

// What can be done to a draft. While it is edited every way out of a node is written down; the short form, in which a
// node without `next` goes on to the one below, is for files: spread() makes the long one, folded() the short one.

type Fields = Record<string, unknown>
const fields = (v: unknown): Fields => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Fields) : {})
const listOf = (v: unknown): Fields[] => (Array.isArray(v) ? (v as Fields[]) : [])

/** A way out of a node. `to` is empty where the run ends. */
export type Way = { port: string; to: string }

const single: Kind[] = ['message', 'wait', 'update', 'task', 'webhook']

/** The ways out of a node whose ways are all written down. */
export function waysOf(n: NodeDoc): Way[] {
  const kind = kindOf(n)
  switch (kind) {
    case 'end': case undefined: return []
    case 'wait_for': return [{ port: 'then', to: n.then ?? '' }, { port: 'else', to: n.else ?? '' }]
    case 'branch': return [...listOf(n.branch).map((w, i) => ({ port: `branch.${i}`, to: String(w.then ?? '') })), { port: 'else', to: n.else ?? '' }]
    case 'split': return listOf(n.split).map((w, i) => ({ port: `split.${i}`, to: String(w.then ?? '') }))
    case 'holdout': return [{ port: 'next', to: n.next ?? '' }, { port: 'then', to: n.then ?? '' }]
    case 'message': case 'webhook': {
      const dropped = fields(n[kind]).if_dropped
      return [{ port: 'next', to: n.next ?? '' }, ...(typeof dropped === 'string' && dropped && dropped !== 'continue' ? [{ port: 'dropped', to: dropped === 'exit' ? '' : dropped }] : [])]
    }
    default: return [{ port: 'next', to: n.next ?? '' }]
  }
}

/** The node with one of its ways leading elsewhere; '' ends the run there. */
export function led(n: NodeDoc, port: string, to: string): NodeDoc {
  const at = Number(port.split('.')[1])
  if (port.startsWith('branch.')) return { ...n, branch: listOf(n.branch).map((w, i) => (i === at ? { ...w, then: to } : w)) }
  if (port.startsWith('split.')) return { ...n, split: listOf(n.split).map((w, i) => (i === at ? { ...w, then: to } : w)) }
  if (port === 'dropped') {
    const kind = kindOf(n)!
    return { ...n, [kind]: { ...fields(n[kind]), if_dropped: to || 'exit' } }
  }
  return { ...n, [port]: to || undefined }
}

/** Each way out written down. */
export function spread(d: Design): Design {
  const nodes = d.nodes ?? []
  return {
    ...d,
    nodes: nodes.map((n, i) => {
      const below = nodes[i + 1]?.id
      const next = n.next || below
      switch (kindOf(n)) {
        case 'end': case 'split': case undefined: return n
        case 'wait_for': return { ...n, next: undefined, then: n.then || next, else: n.else || next }
        case 'branch': return { ...n, next: undefined, else: n.else || next }
        default: return { ...n, next }
      }
    }),
  }
}

const freeId = (nodes: NodeDoc[], base: string) => {
  const taken = new Set(nodes.map((n) => n.id))
  if (!taken.has(base)) return base
  for (let i = 2; ; i++) if (!taken.has(`${base}-${i}`)) return `${base}-${i}`
}

/** The short form. Where a run is to end and the file could not say so, because another node stands below, an end is made. */
export function folded(d: Design): Design {
  let nodes = d.nodes ?? []
  const ends = (n: NodeDoc, last: boolean) => waysOf(n).some((w) => !w.to && w.port !== 'dropped' && !(w.port === 'then' && kindOf(n) === 'holdout')
    && (!last || w.port.includes('.')))
  if (nodes.some((n, i) => ends(n, i === nodes.length - 1))) {
    let stop = nodes.find((n) => n.end === true)?.id
    if (!stop) {
      stop = freeId(nodes, 'done')
      nodes = [...nodes, { id: stop, end: true }]
    }
    const to = stop
    nodes = nodes.map((n) => waysOf(n).reduce((m, w) => (w.to || w.port === 'dropped' || (w.port === 'then' && kindOf(n) === 'holdout') ? m : led(m, w.port, to)), n))
  }
  return {
    ...d,
    nodes: nodes.map((n, i) => {
      const below = nodes[i + 1]?.id
      const kind = kindOf(n)
      const out = { ...n }
      if (kind && (single.includes(kind) || kind === 'holdout') && out.next === below) delete out.next
      if ((kind === 'branch' || kind === 'wait_for') && out.else === below) delete out.else
      if (kind === 'wait_for' && out.then === below) delete out.then
      for (const key of ['next', 'then', 'else'] as const) if (!out[key]) delete out[key]
      return out
    }),
  }
}

/** A node of a kind as it begins. */
export function blank(kind: Kind, id: string): NodeDoc {
  switch (kind) {
    case 'message': return { id, message: { channel: 'email', purpose: '', template: '' } }
    case 'wait': return { id, wait: '1d' }
    case 'wait_for': return { id, wait_for: { event: '', within: '7d' } }
    case 'branch': return { id, branch: [{ when: '', then: '' }] }
    case 'split': return { id, split: [{ weight: 50, then: '' }, { weight: 50, then: '' }] }
    case 'holdout': return { id, holdout: { percent: 10 } }
    case 'update': return { id, update: { set: {} } }
    case 'task': return { id, task: { title: '' } }
    case 'webhook': return { id, webhook: { template: '', purpose: '' } }
    case 'end': return { id, end: true }
  }
}

const names: Record<Kind, string> = { message: 'message', wait: 'wait', wait_for: 'listen', branch: 'branch', split: 'split', holdout: 'control', update: 'update', task: 'task', webhook: 'webhook', end: 'end' }

/** Where something is put: after a node on one of its ways, or at the beginning. */
export type Spot = { after: string; port: string } | 'first'

/** A new node at a spot; what came there before comes after it now. */
export function added(d: Design, kind: Kind, spot: Spot): { design: Design; id: string } {
  const nodes = d.nodes ?? []
  const id = freeId(nodes, names[kind])
  const fresh = blank(kind, id)
  if (spot === 'first') {
    const old = nodes[0]?.id ?? ''
    return { id, design: { ...d, nodes: [kind === 'end' ? fresh : onAll(fresh, old), ...nodes] } }
  }
  const at = nodes.findIndex((n) => n.id === spot.after)
  const before = nodes[at]
  const old = waysOf(before).find((w) => w.port === spot.port)?.to ?? ''
  const made = kind === 'end' ? fresh : onAll(fresh, old)
  const list = nodes.map((n) => (n.id === spot.after ? led(n, spot.port, id) : n))
  // An end stands last, so that it does not come between others in the file.
  if (kind === 'end') list.push(made)
  else list.splice(at + 1, 0, made)
  return { id, design: { ...d, nodes: list } }
}

/** All ways of a new node lead to where its place led; of a holdout only those of the others. */
function onAll(n: NodeDoc, to: string): NodeDoc {
  return waysOf(n).reduce((m, w) => (w.port === 'then' && kindOf(n) === 'holdout' ? m : led(m, w.port, to)), n)
}

/** Without a node: what led to it leads to where its first way led. */
export function removed(d: Design, id: string): Design {
  const nodes = d.nodes ?? []
  const gone = nodes.find((n) => n.id === id)
  const on = gone ? (waysOf(gone)[0]?.to ?? '') : ''
  const to = on === id ? '' : on
  return { ...d, nodes: nodes.filter((n) => n.id !== id).map((n) => waysOf(n).reduce((m, w) => (w.to === id ? led(m, w.port, to === n.id ? '' : to) : m), n)) }
}

export const connected = (d: Design, from: string, port: string, to: string): Design => ({ ...d, nodes: (d.nodes ?? []).map((n) => (n.id === from ? led(n, port, to === end ? '' : to) : n)) })

export const changed = (d: Design, id: string, by: NodeDoc): Design => {
  const list = (d.nodes ?? []).map((n) => (n.id === id ? by : n))
  if (by.id === id) return { ...d, nodes: list }
  return { ...d, nodes: list.map((n) => waysOf(n).reduce((m, w) => (w.to === id ? led(m, w.port, by.id) : m), n)) }
}

/** The node that comes first is where everybody begins. */
export function shifted(d: Design, id: string, by: number): Design {
  const nodes = [...(d.nodes ?? [])]
  const at = nodes.findIndex((n) => n.id === id)
  const to = Math.max(0, Math.min(nodes.length - 1, at + by))
  const [one] = nodes.splice(at, 1)
  nodes.splice(to, 0, one)
  return { ...d, nodes }
}

export type Compared = { nodes: Map<string, 'added' | 'removed' | 'changed' | 'same'>; around: string[] }

/** What differs between two versions: nodes by id, and the fields around them. */
export function compared(older: Design, newer: Design): Compared {
  const a = new Map((older.nodes ?? []).map((n) => [n.id, JSON.stringify(sortedKeys(n))]))
  const b = new Map((newer.nodes ?? []).map((n) => [n.id, JSON.stringify(sortedKeys(n))]))
  const nodes: Compared['nodes'] = new Map()
  for (const [id, text] of b) nodes.set(id, !a.has(id) ? 'added' : a.get(id) === text ? 'same' : 'changed')
  for (const id of a.keys()) if (!b.has(id)) nodes.set(id, 'removed')
  const keys = new Set([...Object.keys(older), ...Object.keys(newer)])
  keys.delete('nodes')
  const around = [...keys].filter((k) => JSON.stringify(sortedKeys((older as Fields)[k])) !== JSON.stringify(sortedKeys((newer as Fields)[k]))).sort()
  return { nodes, around }
}

function sortedKeys(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(sortedKeys)
  if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, sortedKeys(x)]))
  return v
}

/** Both versions in one drawing: the newer one, with the nodes of the older one that are gone. */
export function merged(older: Design, newer: Design): Design {
  const here = new Set((newer.nodes ?? []).map((n) => n.id))
  return { ...newer, nodes: [...(spread(newer).nodes ?? []), ...(spread(older).nodes ?? []).filter((n) => !here.has(n.id))] }
}
