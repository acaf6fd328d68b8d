import { describe, expect, it } from 'vitest'
import type { Spec } from '../queries'
import { ranked } from './Priorities'
import { outcomes, signed } from './Rehearsed'

describe('what a draft would have done', () => {
  it('adds up lines by outcome', () => {
    const line = (outcome: 'send' | 'hold' | 'drop', before: number, after: number) => ({ outcome, reason: 'x', recorded: 0, before, after })
    expect(outcomes({ lines: [line('send', 5, 3), line('hold', 1, 2), line('hold', 0, 1), line('drop', 0, 0)] })).toEqual([
      { outcome: 'send', before: 5, after: 3 }, { outcome: 'hold', before: 1, after: 3 }, { outcome: 'drop', before: 0, after: 0 },
    ])
  })
  it('signs a difference', () => {
    expect([signed(3), signed(-2), signed(0)]).toEqual(['+3', '−2', '±0'])
  })
  it('ranks the messages of journeys', () => {
    const journey = (name: string, nodes: unknown[]) => ({ kind: 'journey', name, version: 1, made_at: '', body: { nodes } }) as unknown as Spec
    const rows = ranked([journey('a', [{ id: 'one', message: { purpose: 'p', channel: 'email' } }, { id: 'rest', wait: '1d' }]), journey('b', [{ id: 'two', message: { purpose: 'p', channel: 'email', priority: 5 } }])])
    expect(rows.map((r) => [r.node, r.priority])).toEqual([['two', 5], ['one', 0]])
  })
})
