import { describe, expect, it } from 'vitest'
import { based, empty, fromLocal, missing, nameFrom, read, toLocal, totalOf, write } from './design'

describe('a document', () => {
  it('comes back as it was, with what the console has no field for', () => {
    const doc = {
      title: 'Spring', segment: 'regulars', message: { ttl: '2d', channel: 'email', purpose: 'news', topic: 'linen' },
      variants: [{ name: 'a', weight: 80, template: 'x' }, { name: 'b', weight: 20, template: 'y' }],
      when: { local: '2026-12-01 09:00' }, pace: '600 per minute', holdout: 10, goal: { event: 'Order Completed', where: 'properties.revenue > 50', within: '3d' }, note: 'kept',
    }
    expect(write(read(doc))).toEqual(doc)
  })
  it('leaves out what is not said', () => {
    expect(write({ ...empty, segment: 's', purpose: 'p', template: 't' })).toEqual({ segment: 's', message: { channel: 'email', purpose: 'p', template: 't' } })
  })
  it('keeps an instant through the clock of whoever edits it', () => {
    expect(fromLocal(toLocal('2026-12-01T09:00:00Z'))).toBe('2026-12-01T09:00:00Z')
    expect(write(read({ segment: 's', message: {}, when: { at: '2026-12-01T09:00:00Z' } })).when).toEqual({ at: '2026-12-01T09:00:00Z' })
  })
})

describe('what a draft began from', () => {
  const three = { version: 3, body: { title: 'Spring', segment: 's', message: {} } }
  const four = { version: 4, body: { title: 'Spring', segment: 't', message: {} } }
  it('follows a colleague while nothing is changed, and stays once something is', () => {
    expect(based(three, four, read(three.body))).toBe(four)
    expect(based(three, four, { ...read(three.body), segment: 'mine' })).toBe(three)
    expect(based(four, three, read(four.body))).toBe(four)
  })
})

describe('names and steps', () => {
  it('makes a name from a title', () => {
    expect(nameFrom('Frühling & Sommer 2026!')).toBe('fruhling-sommer-2026')
    expect(nameFrom('日本')).toBe('')
  })
  it('says what is missing', () => {
    expect(missing(empty, 'who')).toEqual(['title', 'segment'])
    expect(missing({ ...empty, purpose: 'p', variants: [{ name: 'a', weight: 1, template: '' }] }, 'what')).toEqual(['template'])
    expect(missing({ ...empty, when: 'local' }, 'when')).toEqual(['moment'])
    expect(missing(empty, 'when')).toEqual([])
  })
  it('adds variants up', () => {
    const none = totalOf([])
    expect(totalOf([{ variant: 'a', ...none, people: 3, sent: 2 }, { variant: 'b', ...none, people: 4, sent: 1 }])).toMatchObject({ people: 7, sent: 3, opened: 0 })
  })
})
