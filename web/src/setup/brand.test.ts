import { describe, expect, it } from 'vitest'
import { nameOf } from './brand'
import { inside } from './LoginPage'
import { snippets } from './snippets'

describe('nameOf', () => {
  it('makes the name of a document of a title', () => {
    expect(nameOf('Lumen & Loom')).toBe('lumen-loom')
    expect(nameOf('Süße Wäsche GmbH ')).toBe('susse-wasche-gmbh')
    expect(nameOf('織物')).toBe('brand')
    expect(nameOf('x'.repeat(90))).toHaveLength(40)
  })
})

describe('inside', () => {
  it('leads nowhere else', () => {
    expect([inside('/people?q=ann'), inside('//evil.example'), inside('https://evil.example'), inside('/\\evil'), inside(null)]).toEqual(['/people?q=ann', '/', '/', '/', '/'])
  })
})

describe('snippets', () => {
  it('carry the address and the key, each in its way', () => {
    for (const s of snippets('https://heed.example', 'wk_1')) {
      expect(s.text, s.key).toContain('heed.example')
      expect(s.text.includes('wk_1') || s.text.includes(btoa('wk_1:')), s.key).toBe(true)
    }
  })
})
