import { describe as group, expect, it } from 'vitest'
import { describe, describeTrigger, edgesOf, end, start, type Design } from './design'
import { layout } from './layout'

const welcome: Design = {
  trigger: { segment_entered: 'hand-raisers' },
  nodes: [
    { id: 'hello', message: { channel: 'email', purpose: 'stories', template: 'welcome' } },
    { id: 'rest', wait: '3d' },
    { id: 'bought', wait_for: { event: 'Order Completed', within: '7d' }, then: 'done', else: 'colours' },
    { id: 'colours', message: { channel: 'email', purpose: 'stories', template: 'come-back', if_dropped: 'exit' } },
    { id: 'done', end: true },
  ],
}
const draw = (d: Design) => layout(d.nodes!.map((n) => n.id), edgesOf(d))

group('edges', () => {
  it('follows the spec: next is the node below, then and else where they lead', () => {
    expect(edgesOf(welcome).map((e) => [e.from, e.to, e.label])).toEqual([
      [start, 'hello', undefined], ['hello', 'rest', undefined], ['rest', 'bought', undefined],
      ['bought', 'done', 'it happened'], ['bought', 'colours', 'time is up'],
      ['colours', 'done', undefined], ['colours', end, 'if not allowed'],
    ])
  })
  it('knows splits, branches and holdouts', () => {
    const edges = edgesOf({ nodes: [
      { id: 'a', split: [{ weight: 3, then: 'b' }, { weight: 1, then: 'c' }] },
      { id: 'b', holdout: 10 },
      { id: 'c', branch: [{ when: 'has open case', then: 'd' }] },
      { id: 'd', task: { title: 'Call' } },
    ] })
    expect(edges.filter((e) => e.from === 'a').map((e) => e.label)).toEqual(['75 %', '25 %'])
    expect(edges.filter((e) => e.from === 'b').map((e) => e.to)).toEqual(['c', end])
    expect(edges.filter((e) => e.from === 'c').map((e) => [e.to, e.label])).toEqual([['d', 'has open case'], ['d', 'otherwise']])
    expect(edges.filter((e) => e.from === 'd').map((e) => e.to)).toEqual([end])
  })
})

group('layout', () => {
  it('puts each node below all that lead to it, and no two on one spot', () => {
    const l = draw(welcome)
    const at = new Map(l.nodes.map((n) => [n.id, n]))
    for (const p of l.paths) expect(at.get(p.edge.to)!.row).toBeGreaterThan(at.get(p.edge.from)!.row)
    for (const a of l.nodes) for (const b of l.nodes) if (a !== b && a.row === b.row) expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(0.99)
    expect(Math.min(...l.nodes.map((n) => n.x))).toBeGreaterThanOrEqual(0.5)
  })
  it('leads long edges around the nodes between', () => {
    const l = draw(welcome)
    const long = l.paths.find((p) => p.edge.from === 'bought' && p.edge.to === 'done')!
    expect(long.points).toHaveLength(3)
    const colours = l.nodes.find((n) => n.id === 'colours')!
    expect(Math.abs(long.points[1].x - colours.x)).toBeGreaterThan(0.6)
  })
  it('draws loops upwards and ends', () => {
    const l = draw({ nodes: [{ id: 'a', wait: '1d' }, { id: 'b', branch: [{ when: 'x', then: 'a' }] }] })
    expect(l.paths.filter((p) => p.back).map((p) => p.edge.to)).toEqual(['a'])
  })
  it('holds on 200 nodes that all branch', () => {
    const nodes = Array.from({ length: 200 }, (_, i) => ({ id: `n${i}`, branch: [{ when: 'r', then: `n${Math.min(199, i * 2 + 1)}` }] }))
    const l = draw({ nodes })
    expect(l.nodes).toHaveLength(202)
    expect(l.nodes.every((n) => Number.isFinite(n.x))).toBe(true)
  })
})

group('words of nodes', () => {
  it('describes', () => {
    expect(describe(welcome.nodes![0])).toEqual({ what: 'Welcome', detail: 'E-mail · Stories' })
    expect(describe(welcome.nodes![1]).what).toBe('Wait 3 days')
    expect(describe(welcome.nodes![2])).toEqual({ what: 'Wait for Order Completed', detail: 'at most 7 days' })
    expect(describe({ id: 'x', holdout: { percent: 10 } }).what).toBe('Hold out 10 %')
    expect(describe({ id: 'x', teleport: {} }).detail).toBe('unknown type')
    expect(describeTrigger(welcome.trigger)).toBe('Enters Hand raisers')
    expect(describeTrigger({ schedule: { every: 'week', at: '09:00' } })).toBe('Every week at 09:00')
  })
})
