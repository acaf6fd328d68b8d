import { describe, expect, it } from 'vitest'
import { ruleOf, upset } from './upset'

const names = ['a', 'b', 'c']
const parts = [{ in: ['a'], people: 10 }, { in: ['a', 'c'], people: 30 }, { in: ['b'], people: 0 }, { in: ['a', 'b', 'c'], people: 10 }]

describe('how segments overlap', () => {
  it('adds up each segment from the combinations that it is in', () => {
    expect(upset(names, parts).segments).toEqual([{ name: 'a', people: 50, length: 1 }, { name: 'b', people: 10, length: 0.2 }, { name: 'c', people: 40, length: 0.8 }])
  })
  it('has a line for each combination that somebody is in, the largest and the simplest first', () => {
    const { lines, people } = upset(names, parts)
    expect(people).toBe(50)
    expect(lines.map((l) => [l.key, l.at, l.share, l.length])).toEqual([['a c', [0, 2], 0.6, 1], ['a', [0], 0.2, 1 / 3], ['a b c', [0, 1, 2], 0.2, 1 / 3]])
  })
  it('is nothing when nobody is in any', () => {
    expect(upset(names, [])).toEqual({ people: 0, lines: [], segments: names.map((name) => ({ name, people: 0, length: 0 })) })
  })
  it('says whom a line stands for', () => {
    expect(ruleOf(names, parts[1])).toBe('in segment "a" and not in segment "b" and in segment "c"')
  })
})
