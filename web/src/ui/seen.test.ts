import { expect, test } from 'vitest'
import { asFile, matching, newest, standing, unseen, type Spec } from './seen'

const saved = (version: number, deleted = false): Spec => ({ kind: 'segment', name: 'vip', version, deleted, body: {}, made_at: '2026-01-02T08:00:00Z', made_by: 'Ben' })

test('what a colleague saved is unseen until it was looked at', () => {
  expect(unseen(undefined, 3)).toBeUndefined()
  expect(unseen(saved(3), 3)).toBeUndefined()
  expect(unseen(saved(2), 3), 'an answer that is older than what was saved here').toBeUndefined()
  expect(unseen(saved(4), 3)?.version).toBe(4)
  expect(unseen(saved(4), Infinity), 'what was just saved here').toBeUndefined()
})

test('what a colleague deleted is unseen too; a new document may take its name', () => {
  expect(unseen(saved(4, true), 3)?.deleted).toBe(true)
  expect(unseen(saved(4, true), 0)).toBeUndefined()
  expect(unseen(saved(4), 0)?.version, 'a name that is taken').toBe(4)
})

test('saving over it names their version, and of what is gone that there is none', () => {
  expect(matching(standing(saved(4)))).toEqual({ 'If-Match': '"v4"' })
  expect(matching(standing(saved(4, true)))).toEqual({ 'If-None-Match': '*' })
})

test('what was taken from a colleague is newer than what was asked before, and no other document', () => {
  expect(newest(saved(3), saved(4))?.version).toBe(4)
  expect(newest(saved(5), saved(4))?.version).toBe(5)
  expect(newest(saved(3), { ...saved(4), name: 'other' })?.name).toBe('vip')
  expect(newest(undefined, saved(4)), 'gone').toBeUndefined()
})

test('a document is a file of its own', () => {
  expect(JSON.parse(asFile('segment', 'vip', { rule: 'known', title: undefined })['console.yaml'])).toEqual({ kind: 'segment', name: 'vip', rule: 'known' })
})
