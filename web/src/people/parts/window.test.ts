import { describe, expect, it } from 'vitest'
import { inSight } from './window'

describe('rows in sight', () => {
  it('begins at the top', () => expect(inSight(1000, 40, -200, 800)).toEqual({ from: 0, to: 27 }))
  it('draws the same number wherever one is', () => {
    const { from, to } = inSight(1_000_000, 40, 20_000_000, 800)
    expect([from, to - from]).toEqual([499_988, 44])
  })
  it('ends with the rows', () => expect(inSight(30, 40, 5000, 800)).toEqual({ from: 18, to: 30 }))
})
