// Every route that lib.mjs lists, at one width and in one language. Colours do not depend on the width: the dark ones are
// looked at once.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wrong } from './axe.mjs'
import { enter, leave, routes, settled, sizes } from './lib.mjs'

/**
 * A title, one heading, no trouble, nothing wider than the screen, no axe violation. `reader` may read each page too: it is
 * made once with the page, and gives what it has found wrong.
 */
export function everyPage(c, width, { locale, reader } = {}) {
  it(`is whole and accessible on every route, ${width}`, async () => {
    const page = await enter(c.browser, c.url, { size: sizes[width], locale })
    const read = await reader?.(page)
    const found = []
    const check = async (name, rules) => {
      for (const line of await wrong(page, { rules })) found.push(`${name}: ${line}`)
    }
    for (const [name, route] of await routes(c.ask)) {
      await page.emulateMedia({ colorScheme: 'light' })
      await page.goto(c.url + route)
      await settled(page)
      if (!/\S.* · Heed$/.test(await page.title())) found.push(`${name}: the title is ${await page.title()}`)
      if (await page.locator('main h1').count() !== 1) found.push(`${name}: not one h1`)
      for (const text of await page.locator('main .problem').allInnerTexts()) found.push(`${name}: trouble: ${text}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (wide > 0) found.push(`${name}: ${wide} px wider than the screen`)
      if (read) for (const line of await read()) found.push(`${name}: ${line}`)
      await check(`${name}, light`)
      if (width !== 'desktop') continue
      // In the dark only the colours differ.
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.locator('html[data-mantine-color-scheme="dark"]').waitFor({ state: 'attached' })
      await check(`${name}, dark`, ['color-contrast', 'link-in-text-block'])
    }
    assert.deepEqual([...new Set(found)], [])
    await leave(page)
  })
}
