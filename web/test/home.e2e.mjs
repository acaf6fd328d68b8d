// What happens while it happens, and how fast it is there.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled } from './lib.mjs'

area('home', (c) => {
  it('shows what happens while it happens', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(c.url)
    await page.getByRole('list', { name: 'What happens right now' }).locator('li time').first().waitFor({ timeout: 30_000 })
    await leave(page)
  })

  it('loads fast: under 300 KB over the wire', async () => {
    const page = await enter(c.browser, c.url)
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
    let bytes = 0
    cdp.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength })
    const start = Date.now()
    await page.goto(c.url)
    await settled(page)
    const took = Date.now() - start
    console.log(`first load: ${Math.round(bytes / 1024)} KB, ${took} ms`)
    assert.ok(bytes < 300 * 1024, `${bytes} bytes`)
    assert.ok(took < 5000, `${took} ms`) // generous: CI shares its cores. Locally it is well under one second.
    await leave(page)
  })
})
