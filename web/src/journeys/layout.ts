import { end, start, type Edge } from './design'

// A layered drawing, top to bottom: each node below all that lead to it, long edges on lanes of their own, so that
// nothing runs through a node. Back edges (loops) are drawn upwards and do not push their target down.

export type Placed = { id: string; row: number; x: number }
export type Path = { edge: Edge; points: { row: number; x: number }[]; back: boolean }
export type Layout = { nodes: Placed[]; paths: Path[]; rows: number; width: number }

type Slot = { id: string; row: number; x: number; from: string[]; order: number; thin: boolean }

export function layout(ids: string[], edges: Edge[]): Layout {
  const all = [start, ...ids, ...(edges.some((e) => e.to === end) ? [end] : [])]
  const order = new Map(all.map((id, i) => [id, i]))
  const known = edges.filter((e) => order.has(e.from) && order.has(e.to))
  const out = new Map<string, Edge[]>(all.map((id) => [id, known.filter((e) => e.from === id)]))

  // Edges that close a loop, by depth-first search from the start.
  const back = new Set<Edge>()
  const state = new Map<string, 'open' | 'done'>()
  const sorted: string[] = []
  const walk = (id: string) => {
    state.set(id, 'open')
    for (const e of out.get(id)!) {
      if (state.get(e.to) === 'open') back.add(e)
      else if (!state.has(e.to)) walk(e.to)
    }
    state.set(id, 'done')
    sorted.unshift(id)
  }
  for (const id of all) if (!state.has(id)) walk(id)

  const row = new Map<string, number>(all.map((id) => [id, 0]))
  for (const id of sorted) for (const e of out.get(id)!) if (!back.has(e)) row.set(e.to, Math.max(row.get(e.to)!, row.get(id)! + 1))
  // What nothing leads to stands below the start, not beside it.
  for (const id of all) if (id !== start && row.get(id) === 0) row.set(id, 1)

  const rows: Slot[][] = []
  const slot = (id: string, at: number, thin: boolean): Slot => {
    const s = { id, row: at, x: 0, from: [], order: order.get(id) ?? all.length, thin }
    ;(rows[at] ??= []).push(s)
    return s
  }
  const slots = new Map(all.map((id) => [id, slot(id, row.get(id)!, false)]))
  const lanes = new Map<Edge, Slot[]>()
  for (const e of known) {
    if (back.has(e)) continue
    let from = e.from
    const through: Slot[] = []
    for (let r = row.get(e.from)! + 1; r < row.get(e.to)!; r++) {
      const lane = slot(`${e.from}>${e.to}#${known.indexOf(e)}@${r}`, r, true)
      lane.from.push(from)
      lane.order = order.get(e.from)! + 0.5
      slots.set(lane.id, lane)
      through.push(lane)
      from = lane.id
    }
    slots.get(e.to)!.from.push(from)
    lanes.set(e, through)
  }

  // Children stand around the middle of their parents; whoever would overlap moves to the right, then all are centred.
  for (const line of rows) {
    if (!line) continue
    const wanted = new Map(line.map((s) => [s, middle(s, slots, rows[s.row])]))
    line.sort((a, b) => wanted.get(a)! - wanted.get(b)! || a.order - b.order)
    let edge = -Infinity
    for (const s of line) {
      const half = s.thin ? 0.22 : 0.5
      s.x = Math.max(wanted.get(s)!, edge + half)
      edge = s.x + half
    }
    const drift = line.reduce((d, s) => d + s.x - wanted.get(s)!, 0) / line.length
    for (const s of line) s.x -= drift
  }
  const left = Math.min(...[...slots.values()].map((s) => s.x - (s.thin ? 0.2 : 0.5)))
  for (const s of slots.values()) s.x -= left
  const point = (s: Slot) => ({ row: s.row, x: s.x })
  return {
    nodes: all.map((id) => ({ id, row: row.get(id)!, x: slots.get(id)!.x })),
    paths: known.map((edge) => ({
      edge, back: back.has(edge), points: [point(slots.get(edge.from)!), ...(lanes.get(edge) ?? []).map(point), point(slots.get(edge.to)!)],
    })),
    rows: rows.length,
    width: Math.max(...[...slots.values()].map((s) => s.x + (s.thin ? 0.2 : 0.5))),
  }
}

function middle(s: Slot, slots: Map<string, Slot>, line: Slot[]): number {
  if (!s.from.length) return 0
  let sum = 0
  for (const id of s.from) {
    const parent = slots.get(id)!
    const children = line.filter((c) => c.from.includes(id)).sort((a, b) => a.order - b.order)
    const spread = children.length > 1 ? children.indexOf(s) - (children.length - 1) / 2 : 0
    sum += parent.x + spread
  }
  return sum / s.from.length
}
