import { describe, expect, it } from 'vitest'
import { niceTop } from '../ui/Bars'
import { hours, rising } from './queries'

describe('hours', () => {
  it('fills the hours in which nothing happened', () => {
    const now = Date.parse('2026-11-21T22:45:00Z')
    const out = hours([{ at: '2026-11-21T22:00:00Z', value: 7 }, { at: '2026-11-21T03:00:00Z', value: 2 }, { at: '2026-11-19T03:00:00Z', value: 99 }], now)
    expect(out).toHaveLength(24)
    expect(out[23]).toEqual({ at: Date.parse('2026-11-21T22:00:00Z'), value: 7 })
    expect(out.reduce((n, h) => n + h.value, 0)).toBe(9)
  })
})

describe('niceTop', () => {
  it('ends an axis at a round number above', () => {
    expect([1, 3, 41, 99, 100, 101, 4049].map(niceTop)).toEqual([2, 4, 50, 100, 100, 200, 5000])
  })
})

describe('rising', () => {
  const of = (sent: number, bounced: number, was: [number, number]) => rising({ outcomes: [{ key: 'sent', count: sent }, { key: 'bounced', count: bounced }], outcomes_before: [{ key: 'sent', count: was[0] }, { key: 'bounced', count: was[1] }] }, 'bounced')
  it('speaks when more bounces than before and than is good', () => {
    expect(of(100, 6, [700, 7])).toEqual({ share: 0.06, before: 0.01 })
    expect(of(100, 6, [700, 42])).toBeNull() // it always was so
    expect(of(1000, 6, [7000, 7])).toBeNull() // under 2 %
    expect(of(10, 2, [700, 0])).toBeNull() // too few to tell
  })
})
