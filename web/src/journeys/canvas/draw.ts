import type { Edge as FlowEdge, Node as FlowNode } from '@xyflow/react'
import { edgesOf, end, labelOf, start, type Design, type Edge, type NodeDoc } from '../design'
import { waysOf } from '../edit/doc'
import { layout, type Path } from '../layout'
import { words } from '../../words/i18n'

const t = words('journeys')
const placeOf = (id: string) => (id === start ? t('canvas.start') : id === end ? t('node.end') : id)

// A design as React Flow wants it: places and lines come from layout.ts, nobody moves a node by hand.

export const pitch = { x: 272, y: 158 }
export const size = { w: 240, h: 96 }

export type NodeData = { node?: NodeDoc; design: Design; ports: { port: string; label?: string }[] }
export type LineData = { path: string; label?: string; tone?: Edge['tone']; at: { x: number; y: number }; port?: string; from: string; back: boolean }
export type JourneyNode = FlowNode<NodeData>
export type JourneyLine = FlowEdge<LineData>

/** Edges of a draft whose ways are all written down, each with its port. */
export function draftEdges(design: Design): Edge[] {
  const nodes = design.nodes ?? []
  const ids = new Set(nodes.map((n) => n.id))
  return [
    { from: start, to: nodes[0]?.id ?? end },
    ...nodes.flatMap((n) => waysOf(n).map((w) => ({ from: n.id, to: ids.has(w.to) ? w.to : end, port: w.port, label: labelOf(n, w.port) }))),
  ]
}

export function draw(design: Design, editing: boolean): { nodes: JourneyNode[]; lines: JourneyLine[]; width: number; height: number } {
  const docs = design.nodes ?? []
  const l = layout(docs.map((n) => n.id), editing ? draftEdges(design) : edgesOf(design))
  const x = (at: number) => at * pitch.x
  const y = (row: number) => row * pitch.y
  const byId = new Map(docs.map((n) => [n.id, n]))
  return {
    nodes: l.nodes.map((p): JourneyNode => {
      const stop = p.id === end
      const w = stop ? 92 : size.w
      const h = stop ? 36 : size.h
      const node = byId.get(p.id)
      return {
        id: p.id, type: p.id === start ? 'start' : stop ? 'stop' : 'step', position: { x: x(p.x) - w / 2, y: y(p.row) }, width: w, height: h, draggable: false, deletable: false, connectable: editing,
        data: { node, design, ports: node ? waysOf(node).map((way) => ({ port: way.port, label: labelOf(node, way.port) })) : [] },
      }
    }),
    lines: l.paths.map((p, i): JourneyLine => ({
      id: `${p.edge.from}>${p.edge.port ?? ''}>${p.edge.to}#${i}`, source: p.edge.from, target: p.edge.to, sourceHandle: p.edge.port ?? null, type: 'line', ariaLabel: t('canvas.edge', { from: placeOf(p.edge.from), to: placeOf(p.edge.to) }), focusable: false, deletable: false,
      data: { path: curve(p, x, y), label: p.edge.label, tone: p.edge.tone, at: labelAt(p, l.paths, x, y), port: p.edge.port, from: p.edge.from, back: p.back },
    })),
    width: l.width * pitch.x, height: (l.rows - 1) * pitch.y + size.h,
  }
}

type Scale = (v: number) => number

function curve(p: Path, x: Scale, y: Scale): string {
  const first = p.points[0]
  const last = p.points[p.points.length - 1]
  if (p.back) {
    const side = Math.max(x(first.x), x(last.x)) + size.w / 2 + 18
    const y1 = y(first.row) + size.h / 2
    const y2 = y(last.row) + size.h / 2
    return `M${x(first.x) + size.w / 2} ${y1} C${side} ${y1} ${side} ${y2} ${x(last.x) + size.w / 2 + 3} ${y2}`
  }
  let d = `M${x(first.x)} ${y(first.row) + size.h}`
  let from = { x: x(first.x), y: y(first.row) + size.h }
  p.points.slice(1).forEach((q, i) => {
    const to = { x: x(q.x), y: y(q.row) - (i === p.points.length - 2 ? 2 : 0) }
    const bend = (to.y - from.y) / 2
    d += ` C${from.x} ${from.y + bend} ${to.x} ${to.y - bend} ${to.x} ${to.y}`
    if (i < p.points.length - 2) d += ` L${to.x} ${to.y + size.h}`
    from = { x: to.x, y: to.y + size.h }
  })
  return d
}

/** Labels stand where their edge enters, so that those of one node do not cover each other. */
function labelAt(p: Path, all: Path[], x: Scale, y: Scale): { x: number; y: number } {
  const [a, b] = p.points
  const twins = all.filter((o) => o.edge.from === p.edge.from && o.points[1]?.x === b.x && o.points[1]?.row === b.row)
  return { x: x(a.x) + (x(b.x) - x(a.x)) * 0.62, y: y(a.row) + size.h + (pitch.y - size.h) * 0.52 + twins.indexOf(p) * 24 }
}
