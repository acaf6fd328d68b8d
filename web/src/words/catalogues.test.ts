import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { folderOf } from './i18n'
import { german } from './german'

type Catalogue = Record<string, string>
const english = import.meta.glob<Catalogue>('/src/*/en.json', { eager: true, import: 'default' })
const sources = import.meta.glob<string>('/src/**/*.{ts,tsx}', { eager: true, import: 'default', query: '?raw' })

const en = new Map(Object.entries(english).map(([path, texts]) => [folderOf(path), texts]))
const de = new Map(Object.entries(german).map(([path, texts]) => [folderOf(path), texts]))

/** What a text leaves open: its {{values}} and <parts>. */
const gaps = (text: string) => [...text.matchAll(/\{\{\s*(\w+)|<(\w+)/g)].map((m) => m[1] ?? `<${m[2]}>`).sort()
const stem = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '')

type Use = { file: string; folder: string; key: string; begins: boolean }

/** Every key that a file asks for: t('a'), t(x ? 'a' : 'b'), t(`a.${x}`), <Rich folder="f" of="a">. */
function usesOf(file: string, text: string): { uses: Use[]; strange: string[] } {
  const uses: Use[] = []
  const strange: string[] = []
  const names = new Map<string, string>()
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS)
  const take = (folder: string, of: ts.Node) => {
    if (ts.isStringLiteralLike(of)) uses.push({ file, folder, key: of.text, begins: false })
    else if (ts.isTemplateExpression(of) && of.head.text) uses.push({ file, folder, key: of.head.text, begins: true })
    else if (ts.isConditionalExpression(of)) [of.whenTrue, of.whenFalse].forEach((branch) => take(folder, branch))
    else if (ts.isParenthesizedExpression(of)) take(folder, of.expression)
    else if (ts.isJsxExpression(of) && of.expression) take(folder, of.expression)
    else strange.push(`${file}: ${of.getText()} is no key that can be looked up: write it out, or begin it with a fixed part`)
  }
  const walk = (node: ts.Node) => {
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isCallExpression(node.initializer) && node.initializer.expression.getText() === 'words') {
      const [folder] = node.initializer.arguments
      if (folder && ts.isStringLiteralLike(folder)) names.set(node.name.getText(), folder.text)
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && names.has(node.expression.text)) take(names.get(node.expression.text)!, node.arguments[0])
    if (ts.isJsxSelfClosingElement(node) && node.tagName.getText() === 'Rich') {
      const given = (name: string) => node.attributes.properties.find((a): a is ts.JsxAttribute => ts.isJsxAttribute(a) && a.name.getText() === name)?.initializer
      const folder = given('folder')
      const of = given('of')
      if (folder && ts.isStringLiteral(folder) && of) take(folder.text, of)
      else strange.push(`${file}: <Rich> needs a folder="..." and an of`)
    }
    ts.forEachChild(node, walk)
  }
  walk(source)
  return { uses, strange }
}

const read = Object.entries(sources).filter(([file]) => !/\.test\.tsx?$|schema\.d\.ts$/.test(file)).map(([file, text]) => usesOf(file, text))
const uses = read.flatMap((r) => r.uses)

describe('catalogues', () => {
  it('has the same keys in both languages, with the same gaps', () => {
    const wrong: string[] = []
    for (const folder of new Set([...en.keys(), ...de.keys()])) {
      const [a, b] = [en.get(folder) ?? {}, de.get(folder) ?? {}]
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (!(key in b)) wrong.push(`${folder}/de.json lacks ${key}`)
        else if (!(key in a)) wrong.push(`${folder}/en.json lacks ${key}`)
        // "One person" may leave the number out.
        else if (!key.endsWith('_one') && String(gaps(a[key])) !== String(gaps(b[key]))) wrong.push(`${folder}: ${key} has ${gaps(a[key])} in English and ${gaps(b[key])} in German`)
      }
    }
    expect(wrong).toEqual([])
  })
  it('knows every key that the code asks for', () => {
    const wrong = read.flatMap((r) => r.strange)
    for (const u of uses) {
      const keys = Object.keys(en.get(u.folder) ?? {})
      if (!keys.some((k) => (u.begins ? k.startsWith(u.key) : k === u.key || stem(k) === u.key))) wrong.push(`${u.file}: ${u.folder}/en.json lacks ${u.key}`)
    }
    expect(wrong).toEqual([])
  })
  it('holds no text that nobody asks for', () => {
    const wrong: string[] = []
    for (const [folder, texts] of en) {
      const asked = uses.filter((u) => u.folder === folder)
      for (const key of Object.keys(texts)) if (!asked.some((u) => (u.begins ? key.startsWith(u.key) : key === u.key || stem(key) === u.key))) wrong.push(`${folder}/en.json: ${key}`)
    }
    expect(wrong).toEqual([])
  })
  it('finds what it looks for', () => {
    const { uses, strange } = usesOf('x.tsx', "const t = words('f'); t('a'); t(x ? 'b' : 'c', {}); t(`d.${x}`); t(x); const y = <Rich folder=\"f\" of=\"e\" parts={{}} />")
    expect(uses.map((u) => u.key)).toEqual(['a', 'b', 'c', 'd.', 'e'])
    expect(strange).toHaveLength(1)
  })
})
