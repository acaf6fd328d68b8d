// Stores a picture of every page: both widths, light and dark, in .cache/screenshots; and those that the docs show.
// `npm run screenshots [NAME...]`
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { enter, lived, missing, openBrowser, routes, settled, sizes, startHeed } from './lib.mjs'

if (missing()) process.exit(1)
const only = process.argv.slice(2)
const root = path.resolve(import.meta.dirname, '../..')
const dir = path.join(root, '.cache/screenshots')
const docs = path.join(root, 'docs/pictures')
/** The pages that README and docs show. */
const shown = ['home', 'people', 'person', 'segment', 'journey', 'templates', 'broadcasts', 'rules', 'ledger', 'data-sources', 'settings-health', 'welcome-source']
await mkdir(dir, { recursive: true })
await mkdir(docs, { recursive: true })
const heed = await startHeed()
const browser = await openBrowser()
try {
  const ask = await lived(heed.url)
  const all = (await routes(ask)).filter(([name]) => !only.length || only.includes(name))
  for (const scheme of ['light', 'dark']) {
    for (const [width, size] of Object.entries(sizes)) {
      const page = await enter(browser, heed.url, { size, scheme })
      if (!only.length) {
        const gate = await page.context().browser().newPage({ viewport: size, colorScheme: scheme })
        await gate.goto(`${heed.url}/login`)
        await settled(gate)
        await gate.screenshot({ path: path.join(dir, `login-${width}-${scheme}.png`) })
        await gate.close()
      }
      for (const [name, route] of all) {
        await page.goto(heed.url + route)
        await settled(page)
        if (name === 'home') await page.locator('.live time').nth(8).waitFor()
        await page.waitForLoadState('load')
        await page.screenshot({ path: path.join(dir, `${name}-${width}-${scheme}.png`), fullPage: width === 'desktop' && size.height * 3 > await page.evaluate(() => document.documentElement.scrollHeight) })
      }
      if (page.broken.length) console.error(`${width} ${scheme}:`, ...new Set(page.broken.map((b) => `\n  ${b.slice(0, 300)}`)))
      await page.context().close()
    }
  }
  const page = await enter(browser, heed.url, { size: { width: 1280, height: 800 } })
  const cdp = await page.context().newCDPSession(page)
  for (const [name, route] of all.filter(([name]) => shown.includes(name))) {
    await page.goto(heed.url + route)
    await settled(page)
    if (name === 'home') await page.locator('.live time').nth(8).waitFor()
    // Small enough to live beside the text.
    const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: 60 })
    await writeFile(path.join(docs, `${name}.webp`), Buffer.from(data, 'base64'))
  }
  console.log(`pictures are in ${dir} and ${docs}`)
} finally {
  await browser.close()
  await heed.stop()
}
