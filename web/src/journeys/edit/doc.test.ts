import { describe, expect, it } from 'vitest'
import { kinds, type Design } from '../design'
import { added, blank, changed, compared, connected, folded, led, merged, removed, shifted, spread, waysOf } from './doc'

const welcome: Design = {
  trigger: { event: 'Signed Up' },
  nodes: [
    { id: 'hello', message: { channel: 'email', purpose: 'news', template: 'welcome' } },
    { id: 'rest', wait: '3d' },
    { id: 'bought', wait_for: { event: 'Order Completed', within: '7d' }, then: 'done' },
    { id: 'nudge', message: { channel: 'email', purpose: 'news', template: 'nudge', if_dropped: 'done' } },
    { id: 'done', end: true },
  ],
}
const ids = (d: Design) => d.nodes!.map((n) => n.id)
const at = (d: Design, id: string) => d.nodes!.find((n) => n.id === id)!

describe('drafts', () => {
  it('come back from the long form as they were', () => {
    expect(folded(spread(welcome))).toEqual(welcome)
    expect(waysOf(at(spread(welcome), 'bought'))).toEqual([{ port: 'then', to: 'done' }, { port: 'else', to: 'nudge' }])
    expect(waysOf(at(spread(welcome), 'nudge'))).toEqual([{ port: 'next', to: 'done' }, { port: 'dropped', to: 'done' }])
  })
  it('take a new node between two others', () => {
    const { design, id } = added(spread(welcome), 'wait', { after: 'bought', port: 'else' })
    expect(ids(design)).toEqual(['hello', 'rest', 'bought', 'wait', 'nudge', 'done'])
    expect(at(design, 'bought').else).toBe(id)
    expect(at(design, 'wait').next).toBe('nudge')
    expect(at(folded(design), 'bought')).toEqual(welcome.nodes![2])
  })
  it('take one at the beginning, and the first one of all', () => {
    expect(at(added(spread(welcome), 'holdout', 'first').design, 'control').next).toBe('hello')
    expect(folded(added({ trigger: {} }, 'message', 'first').design).nodes).toEqual([blank('message', 'message')])
  })
  it('close up when a node goes', () => {
    const d = removed(spread(welcome), 'rest')
    expect(at(d, 'hello').next).toBe('bought')
    expect(at(removed(spread(welcome), 'done'), 'nudge').next).toBeUndefined()
    expect(waysOf(at(removed(spread(welcome), 'done'), 'nudge'))[1]).toEqual({ port: 'dropped', to: '' })
  })
  it('make an end where a run stops in the middle of the file', () => {
    const d = folded(connected(spread({ nodes: welcome.nodes!.slice(0, 2) }), 'hello', 'next', ''))
    expect(ids(d)).toEqual(['hello', 'rest', 'done'])
    expect(at(d, 'hello').next).toBe('done')
    expect('next' in at(d, 'rest')).toBe(false)
  })
  it('lead every way of every kind somewhere else and say so', () => {
    for (const kind of kinds) {
      const n = blank(kind, 'x')
      for (const w of waysOf(n)) expect(waysOf(led(n, w.port, 'there')).find((x) => x.port === w.port)).toEqual({ port: w.port, to: 'there' })
    }
  })
  it('follow a node that is renamed, and keep who is first', () => {
    const d = changed(spread(welcome), 'done', { id: 'over', end: true })
    expect(waysOf(at(d, 'nudge'))).toEqual([{ port: 'next', to: 'over' }, { port: 'dropped', to: 'over' }])
    expect(ids(shifted(welcome, 'rest', -1))).toEqual(['rest', 'hello', 'bought', 'nudge', 'done'])
  })
  it('are compared node by node', () => {
    const newer: Design = { ...welcome, entry: { limit: 1 }, nodes: [welcome.nodes![0], { id: 'rest', wait: '2d' }, { id: 'call', task: { title: 'x' } }, welcome.nodes![4]] }
    const c = compared(welcome, newer)
    expect(Object.fromEntries(c.nodes)).toEqual({ hello: 'same', rest: 'changed', call: 'added', done: 'same', bought: 'removed', nudge: 'removed' })
    expect(c.around).toEqual(['entry'])
    expect(ids(merged(welcome, newer))).toEqual(['hello', 'rest', 'call', 'done', 'bought', 'nudge'])
  })
})
