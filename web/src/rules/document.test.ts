import { describe, expect, it } from 'vitest'
import { nameFrom, put, scopeOf, spanOf, withScope } from './document'

describe('documents of rules', () => {
  it('reads singular and plural scopes and writes plural ones', () => {
    const body = { forbid: 'has open case', class: 'marketing', channels: ['email'], selling: false }
    const scope = scopeOf(body)
    expect(scope).toEqual({ selling: false, purposes: [], classes: ['marketing'], channels: ['email'] })
    expect(withScope(body, scope)).toEqual({ forbid: 'has open case', classes: ['marketing'], channels: ['email'], selling: false })
    expect(withScope(body, { purposes: [], classes: [], channels: [] })).toEqual({ forbid: 'has open case' })
  })
  it('leaves out what is empty and keeps what it does not know', () => {
    expect(put({ title: 'A', other: 1 }, 'title', '')).toEqual({ other: 1 })
    expect(put({}, 'max', 0)).toEqual({ max: 0 })
  })
  it('reads spans', () => {
    expect(spanOf('7d')).toEqual({ n: 7, unit: 'd' })
    expect(spanOf('1h30m')).toBeUndefined()
    expect(spanOf(7)).toBeUndefined()
  })
  it('makes names of titles', () => {
    expect(nameFrom('Kein Verkauf – bei Ärger!')).toBe('kein-verkauf-bei-arger')
  })
})
