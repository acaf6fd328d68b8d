import { expect, test } from 'vitest'
import { lookedAt } from './looked'

test('pages add up to how far a list has looked', () => {
  expect(lookedAt([])).toBeUndefined()
  expect(lookedAt([{}])).toBeUndefined()
  expect(lookedAt([{ looked: { people: 20_000, of: 100_000 } }])).toEqual({ people: 20_000, of: 100_000 })
  expect(lookedAt([{ looked: { people: 60_000, of: 100_000 } }, { looked: { people: 30_000, of: 100_010 } }])).toEqual({ people: 90_000, of: 100_010 })
  // People who came or went meanwhile never make it more than everybody.
  expect(lookedAt([{ looked: { people: 60_000, of: 100_000 } }, { looked: { people: 40_001, of: 100_000 } }])).toEqual({ people: 100_000, of: 100_000 })
})
