import { describe, expect, it } from 'vitest'
import { asGroup, literal, moved, negated, problemsAt, span, spanOf, written, type RuleNode } from './tree'

const known: RuleNode = { kind: 'known' }
const open: RuleNode = { kind: 'case', name: 'open' }

describe('rule trees', () => {
  it('have a group at the root while they are edited', () => {
    expect(asGroup(known)).toEqual({ kind: 'all', of: [known] })
    expect(asGroup({ kind: 'any', of: [known, open] })).toEqual({ kind: 'any', of: [known, open] })
  })
  it('are turned round and back', () => {
    expect(negated(known)).toEqual({ kind: 'not', of: [known] })
    expect(negated(negated(known))).toEqual(known)
  })
  it('move a condition no further than the ends', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 1, -5)).toEqual(['b', 'a', 'c'])
  })
  it('show a problem where it is, not at the groups around it', () => {
    const list = [{ field: 'of[1].value', detail: 'x' }, { field: 'of[1].of[0]', detail: 'y' }, { field: '', detail: 'z' }]
    expect(problemsAt(list, 'of[1]').map((p) => p.detail)).toEqual(['x'])
    expect(problemsAt(list, 'of[1].of[0]').map((p) => p.detail)).toEqual(['y'])
    expect(problemsAt(list, '').map((p) => p.detail)).toEqual(['z'])
    expect(problemsAt([{ field: 'of[11].value' }], 'of[1]')).toEqual([])
  })
  it('take values as their kind says', () => {
    expect(literal('3')).toBe(3)
    expect(literal('3', 'text')).toBe('3')
    expect(literal('true')).toBe(true)
    expect(literal('2026-01-31')).toBe('2026-01-31')
    expect(literal(' pro ')).toBe(' pro ')
    expect(written({ duration: '90d' })).toBe('90d')
    expect(written(['a', 3])).toBe('a, 3')
    expect(span('2w')).toEqual({ n: 2, unit: 'w' })
    expect(span(undefined)).toEqual({ n: 30, unit: 'd' })
    expect(spanOf(0, 'd')).toBe('1d')
  })
})
