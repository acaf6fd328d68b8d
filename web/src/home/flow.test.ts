import { describe, expect, it } from 'vitest'
import { flow, type Move } from './flow'

const ladder = ['anonymous', 'known', 'new', 'active', 'loyal', 'advocate', 'at_risk', 'lapsed']
const move = (from: string, to: string, today: number, week: number): Move => ({ from, to, today, week })
const moves = [move('active', 'loyal', 1, 30), move('', 'known', 50, 60), move('active', 'at_risk', 0, 10), move('at_risk', 'active', 2, 5)]

describe('flow', () => {
  it('stands in the ladder’s order, with whom nothing was known of first', () => {
    const week = flow(moves, 'week', ladder)
    expect(week.left.map((s) => [s.key, s.n])).toEqual([['', 60], ['active', 40], ['at_risk', 5]])
    expect(week.right.map((s) => [s.key, s.n])).toEqual([['known', 60], ['active', 5], ['loyal', 30], ['at_risk', 10]])
  })
  it('shows only who went in that time', () => {
    expect(flow(moves, 'today', ladder).bands.map((b) => [b.from, b.to, b.n])).toEqual([['', 'known', 50], ['active', 'loyal', 1], ['at_risk', 'active', 2]])
    expect(flow([], 'today', ladder)).toEqual({ left: [], right: [], bands: [], height: 0 })
  })
  it('gives each band its room, within its stage and beside its neighbour', () => {
    const { left, right, bands, height } = flow(moves, 'week', ladder)
    for (const [sides, at, of] of [[left, 'y0', 'from'], [right, 'y1', 'to']] as const) {
      for (const s of sides) {
        const own = bands.filter((b) => b[of] === s.key).sort((a, b) => a[at] - b[at])
        own.forEach((b, i) => {
          expect(b[at] - b.w / 2).toBeGreaterThanOrEqual((i ? own[i - 1][at] + own[i - 1].w / 2 : s.y) - 0.01)
          expect(b[at] + b.w / 2).toBeLessThanOrEqual(s.y + s.h + 0.01)
        })
        expect(s.y + s.h).toBeLessThanOrEqual(height)
      }
    }
  })
  it('tells the way up from the way down', () => {
    expect(flow(moves, 'week', ladder).bands.map((b) => [b.to, b.up])).toEqual([['known', true], ['loyal', true], ['at_risk', false], ['active', true]])
  })
})
