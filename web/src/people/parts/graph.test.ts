import { describe, expect, it } from 'vitest'
import { place, type Graph } from './graph'

const node = (id: string) => ({ id, is: { namespace: 'email', value: `${id}@x.example` } })

describe('a graph of identities', () => {
  it('places what hangs together side by side, inside the picture', () => {
    const g = { person: 'p', merged: [], nodes: ['a', 'b', 'c', 'd'].map(node), links: [{ from: 'a', to: 'c', at: '' }, { from: 'c', to: 'd', at: '' }] } as unknown as Graph
    const placed = place(g, 600, 300)
    expect(placed.map((p) => p.id)).toEqual(['a', 'c', 'd', 'b'])
    for (const p of placed) expect(p.x >= 0 && p.x <= 600 && p.y >= 0 && p.y <= 300).toBe(true)
  })
  it('places nobody of nothing', () => expect(place({ person: 'p', merged: [], nodes: [], links: [] } as unknown as Graph, 600, 300)).toEqual([]))
})
