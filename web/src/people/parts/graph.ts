import type { Schemas } from '../../api/client'

export type Graph = Schemas['IdentityGraph']
export type Placed = { id: string; x: number; y: number; namespace: string; value: string; flag: boolean }

/** Identifiers on an ellipse around the person, those that hang together beside each other. */
export function place(g: Graph, width: number, height: number, half = 92): Placed[] {
  const order: string[] = []
  const near = (id: string) => g.links.filter((l) => l.from === id || l.to === id).map((l) => (l.from === id ? l.to : l.from))
  const visit = (id: string) => {
    if (order.includes(id)) return
    order.push(id)
    near(id).forEach(visit)
  }
  g.nodes.forEach((n) => visit(n.id))
  return order.flatMap((id, i) => {
    const n = g.nodes.find((one) => one.id === id)
    if (!n) return []
    const angle = (i / order.length) * 2 * Math.PI - Math.PI / 2
    return [{ id, x: width / 2 + Math.cos(angle) * (width / 2 - half - 4), y: height / 2 + Math.sin(angle) * (height / 2 - 24), namespace: n.is.namespace, value: n.is.value, flag: !!(n.capped || n.shared || n.kiosk) }]
  })
}
