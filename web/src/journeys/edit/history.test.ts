import { describe, expect, it } from 'vitest'
import { spread } from './doc'
import { based, history, type History } from './useDraft'

const begin: History = { past: [], now: { title: 'a' }, future: [], tag: '', rev: 0 }

describe('undo', () => {
  it('goes back and forth', () => {
    const h = history(history(begin, { do: 'set', to: { title: 'b' } }), { do: 'set', to: { title: 'c' } })
    const back = history(history(h, { do: 'undo' }), { do: 'undo' })
    expect(back.now.title).toBe('a')
    expect(history(back, { do: 'undo' })).toBe(back)
    expect(history(history(back, { do: 'redo' }), { do: 'redo' }).now.title).toBe('c')
    expect(history(history(back, { do: 'set', to: { title: 'd' } }), { do: 'redo' }).now.title).toBe('d')
  })
  it('takes the letters of one field as one change', () => {
    let h = history(begin, { do: 'set', to: { title: 'ab' }, tag: 'title' })
    h = history(h, { do: 'set', to: { title: 'abc' }, tag: 'title' })
    h = history(h, { do: 'set', to: { title: 'abc', key: 'x' }, tag: 'key' })
    expect(history(h, { do: 'undo' }).now).toEqual({ title: 'abc' })
    expect(history(history(h, { do: 'undo' }), { do: 'undo' }).now).toEqual({ title: 'a' })
  })
})

describe('what a draft began from', () => {
  const three = { version: 3, stored: { title: 'three' } }
  const four = { version: 4, stored: { title: 'four' } }
  it('follows what is saved while nothing is changed', () => {
    expect(based(three, four, spread(three.stored))).toBe(four)
  })
  it('stays with what was seen once something is changed', () => {
    expect(based(three, four, { title: 'mine' })).toBe(three)
  })
  it('does not go back to what was asked before it was saved', () => {
    expect(based(four, three, spread(four.stored))).toBe(four)
  })
})
