import { describe, expect, it } from 'vitest'
import { niceTop } from '../ui/Bars'
import { hours } from './queries'

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
