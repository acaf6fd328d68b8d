import { describe, expect, it } from 'vitest'
import { slug } from '../segments/parts/slug'
import { inside } from '../setup/LoginPage'
import { asText, beginning, documents, specKinds } from './yaml'

describe('documents', () => {
  it('cuts exported files', () => {
    const docs = documents({
      'cap.yaml': 'kind: cap\nname: one\nmax: 1\n---\nkind: cap\nname: "two"\nmax: 2\n',
      'template.yaml': 'kind: template\nname: hello\nhtml: |\n  <p>name: nobody</p>\n  ---x\n',
    })
    expect(docs.map((d) => [d.kind, d.name])).toEqual([['cap', 'one'], ['cap', 'two'], ['template', 'hello']])
    expect(docs[1].text).toBe('kind: cap\nname: "two"\nmax: 2\n')
  })
  it('finds those in braces too', () => {
    expect(documents({ x: '{kind: cap, name: one, max: 1}\n---\n{\n "kind": "cap",\n "name": "two"\n}\n' }).map((d) => d.name)).toEqual(['one', 'two'])
  })
  it('writes a stored version as text', () => {
    expect(asText('segment', 'a', { title: 'A: b', rule: 'did "X"' })).toBe('kind: segment\nname: a\ntitle: "A: b"\nrule: "did \\"X\\""\n')
    expect(asText('template', 'a', { html: '<p>\n  x\n</p>\n' })).toBe('kind: template\nname: a\nhtml: |\n  <p>\n    x\n  </p>\n')
    expect(asText('template', 'a', { text: 'a\nb' })).toBe('kind: template\nname: a\ntext: |-\n  a\n  b\n')
  })
  it('begins every kind', () => {
    for (const kind of specKinds) expect(documents({ x: beginning(kind) })[0]).toMatchObject({ kind, name: `my-${kind.replace('_', '-')}` })
  })
})

describe('slug', () => {
  it('makes names', () => {
    expect(slug('Três pedidos, ou mais!')).toBe('tres-pedidos-ou-mais')
    expect(slug('---')).toBe('')
  })
})

describe('inside', () => {
  it('never leads to another site', () => {
    expect(inside('/people?q=a')).toBe('/people?q=a')
    for (const bad of [null, '', 'https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) expect(inside(bad)).toBe('/')
  })
})
