// Every route on a phone and in German, whose words are longer than the English ones: no text of the English catalogues, no sentence of the server that is not said in German, and no
// English sentence that is not the brand's own.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { area, enter, leave } from './lib.mjs'
import { everyPage } from './pages.mjs'

const web = path.resolve(import.meta.dirname, '..')
const json = (file) => JSON.parse(readFileSync(file, 'utf8'))
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
/** A text with places to fill, as an expression; undefined when too little of it is fixed to tell anything. */
const form = (text, place) => {
  const fixed = text.split(place)
  return fixed.join('').replace(/[^\p{L}]/gu, '').length < 8 ? undefined : new RegExp(`^${fixed.map(escaped).join('.*?')}$`, 'su')
}

/** What the console says in English and in German: exact texts, and forms. */
function englishOfTheConsole() {
  const texts = new Set(), forms = [], german = new Set()
  for (const folder of readdirSync(path.join(web, 'src'), { withFileTypes: true }).filter((d) => d.isDirectory())) {
    const of = (language) => { try { return json(path.join(web, 'src', folder.name, `${language}.json`)) } catch { return {} } }
    const en = of('en'), de = of('de')
    for (const text of Object.values(de)) german.add(text)
    for (const [key, text] of Object.entries(en)) {
      if (de[key] === text) continue
      if (!/[{<]/.test(text)) texts.add(text)
      else for (const part of text.split(/<[^>]*>/)) { const f = form(part.trim(), /\{\{[^}]*\}\}/); if (f) forms.push(f) }
    }
  }
  for (const text of german) texts.delete(text)
  return { texts, forms }
}

/** What the server says in English, by the catalogues of internal/words. */
function englishOfTheServer() {
  const dir = path.join(web, '../internal/words/de')
  return readdirSync(dir).filter((f) => f !== 'words.json').flatMap((f) => Object.keys(json(path.join(dir, f))))
    .map((text) => form(text, /%[-+# 0]*(?:\[\d+\])?\d*(?:\.\d+)?[a-zA-Z]/)).filter(Boolean)
}

/** Words that an English sentence has and a German one has not. */
const english = /\b(the|of|and|is|are|were|they|their|with|for|this|that|you|your|from|have|has|been|cannot|which|nobody|would)\b/gi
const isEnglish = (text) => new Set(text.toLowerCase().match(english)).size >= 2

/** What the console makes of a name. */
const readable = (name) => { const text = name.replace(/[_-]+/g, ' '); return text.charAt(0).toUpperCase() + text.slice(1) }

/** Every text in a value of the API. */
function* textsOf(value) {
  if (typeof value === 'string') yield value
  else if (value && typeof value === 'object') for (const one of Object.values(value)) yield* textsOf(one)
}

/** What a reader sees or is read out, but for code, mails and what the brand writes into fields. */
const seen = (page) => page.evaluate(() => {
  const code = 'script, style, pre, code, textarea, iframe, svg title, .mono, .cm-editor, .gjs-editor, [hidden]'
  const out = new Set()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest(code)) out.add(walker.currentNode.textContent.trim())
  for (const e of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
    if (!e.closest(code)) for (const name of ['aria-label', 'placeholder', 'title']) out.add(e.getAttribute(name)?.trim() ?? '')
  }
  return [...out].filter((text) => /\p{L}{2}/u.test(text))
})

/** Reads a page, once nothing more is on its way: what is said in English on it. */
async function englishOn(c, page) {
  assert.equal(await page.locator('html').getAttribute('lang'), 'de')
  const { texts, forms } = englishOfTheConsole()
  const server = englishOfTheServer()
  // What the brand has called things, and what its customers did: names of events, titles, subjects of mails.
  const data = new Set(['Node']) // and what programming languages are called
  const learn = (value) => {
    for (const text of textsOf(value)) data.add(text.trim()).add(readable(text.trim()))
  }
  for (const path of ['/sources', '/segments', '/journeys', '/broadcasts', '/specs']) learn((await c.ask('GET', path)).body)
  page.on('response', async (r) => {
    if (!r.url().includes('/api/v1/') || !r.headers()['content-type']?.includes('json')) return
    try {
      learn(await r.json())
    } catch {
      // The page has gone on to the next one.
    }
  })
  // Nothing more is on its way but what streams for ever.
  const under = new Set()
  page.on('request', (r) => r.resourceType() !== 'eventsource' && under.add(r))
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (r) => under.delete(r))
  const quiet = async () => {
    for (let calm = 0, tries = 0; calm < 4 && tries < 40; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      calm = under.size ? 0 : calm + 1
    }
  }
  /** A text without what the brand has written. */
  const ours = (text) => {
    if (data.has(text)) return ''
    const written = [...data].filter((d) => d.length > 12 && d.length < text.length && text.includes(d)).sort((a, b) => b.length - a.length)
    return written.reduce((rest, d) => rest.replace(d, '…'), text)
  }
  const inEnglish = (text) => (texts.has(text) || forms.some((f) => f.test(text)) ? 'the console says' : isEnglish(text) ? 'somebody says' : undefined)
  return async () => {
    await quiet()
    const found = []
    for (const text of await seen(page)) {
      const bare = text.replace(/\.$/, ''), small = bare.charAt(0).toLowerCase() + bare.slice(1)
      const said = server.some((f) => f.test(text) || f.test(bare) || f.test(small)) ? 'the server says'
        : inEnglish(text) && inEnglish(ours(text))
      if (said) found.push(`${said} in English: ${text}`)
    }
    return found
  }
}

area('every page, phone, in German', (c) => {
  everyPage(c, 'phone', { locale: 'de-DE', reader: (page) => englishOn(c, page) })

  it('says in German what is wrong', async () => {
    const page = await enter(c.browser, c.url, { locale: 'de-DE' })
    await page.goto(`${c.url}/segments/no-such-segment`)
    await page.getByRole('alert').filter({ hasText: 'Segment "no-such-segment" gibt es nicht' }).waitFor()
    await page.goto(`${c.url}/ledger?outcome=hold`)
    await page.getByText(/^Bis \p{L}+tag \d\d:\d\d: Ruhezeit in/u).first().waitFor()
    await leave(page)
  })
})
