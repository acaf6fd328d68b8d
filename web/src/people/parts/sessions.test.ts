import { describe, expect, it } from 'vitest'
import type { Interaction } from '../queries'
import { sessions } from './Timeline'

const at = (minutes: number, type = 'page') => ({ type, at: new Date(Date.UTC(2026, 0, 14, 12) - minutes * 60_000).toISOString() }) as Interaction

describe('visits in a timeline', () => {
  it('folds what is looked at after the first three pages, never what was done', () => {
    const got = sessions([at(0), at(1), at(2), at(3), at(4, 'track'), at(5)])
    expect(got.map((v) => [v.shown.length, v.folded.length])).toEqual([[4, 2]])
  })
  it('parts visits where half an hour passed', () => {
    expect(sessions([at(0), at(29), at(60)]).map((v) => v.shown.length)).toEqual([2, 1])
  })
})
