// When Heed cannot be reached, pages go on showing what they have, and say from when it is.
import assert from 'node:assert/strict'
import net from 'node:net'
import { it } from 'node:test'
import { wrong } from './axe.mjs'
import { area, enter, settled, sizes, until } from './lib.mjs'

/** A line to Heed that can be cut, and mended. */
async function line(to) {
  const target = new URL(to)
  const open = new Set()
  const server = net.createServer((near) => {
    const far = net.connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {}).on('close', () => { open.delete(socket); near.destroy(); far.destroy() })
    }
    near.pipe(far).pipe(near)
  })
  const listen = (port) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address()
  const cut = () => new Promise((resolve) => {
    server.close(resolve)
    open.forEach((socket) => socket.destroy())
  })
  return { url: `http://127.0.0.1:${port}`, cut, mend: () => listen(port) }
}

area('silence', (c) => {
  it('says from when a page is while Heed does not answer, and no longer', async () => {
    const wire = await line(c.url)
    const page = await enter(c.browser, wire.url)
    await page.goto(`${wire.url}/segments`)
    await settled(page)
    const silence = page.locator('.silence')
    assert.equal(await silence.innerText(), '')
    // Numbers may change until the line is cut.
    const table = async () => (await page.locator('main .table').first().innerText()).replace(/[+−–]?[\d,]+/g, '#')
    const shown = await table()
    const clock = () => page.evaluate(() => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(Date.now()))
    const before = await clock()
    await wire.cut()
    const after = await clock()
    await silence.getByText('Heed does not answer.').waitFor({ timeout: 30_000 })
    const said = /What you see is from (\d\d:\d\d)\.$/.exec(await silence.innerText())?.[1]
    assert.ok(said === before || said === after, `it was cut at ${before}, and the page says ${await silence.innerText()}`)
    assert.equal(await table(), shown, 'what was shown stays')
    await page.setViewportSize(sizes.phone)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0)
    assert.deepEqual(await wrong(page), [])
    await wire.mend()
    await until('the page to have heard of Heed again', async () => (await silence.innerText()) === '', 40)
    await page.context().close() // its browser has complained about the cut line
    await wire.cut()
  })
})
