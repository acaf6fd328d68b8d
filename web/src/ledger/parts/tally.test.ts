import { describe, expect, it } from 'vitest'
import { steps } from './tally'

const h = (at: string, send: number) => ({ at, send, hold: 0, drop: 1 })

describe('decisions over time', () => {
  it('fills the gaps between hours', () => {
    const got = steps([h('2026-01-14T10:00:00Z', 2), h('2026-01-14T13:00:00Z', 3)])
    expect(got.each).toBe('hour')
    expect(got.stacks.map((s) => [s.send, s.drop])).toEqual([[2, 1], [0, 0], [0, 0], [3, 1]])
  })
  it('adds hours up to days', () => {
    const got = steps([h('2026-01-10T10:00:00Z', 2), h('2026-01-10T11:00:00Z', 1), h('2026-01-14T11:00:00Z', 5)])
    expect(got.each).toBe('day')
    expect(got.stacks.map((s) => s.send)).toEqual([3, 0, 0, 0, 5])
  })
  it('draws nothing of nothing', () => expect(steps([]).stacks).toEqual([]))
})
