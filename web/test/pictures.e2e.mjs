// Pictures of other servers show in mails and nowhere else, and a mail can do nothing but show itself.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, sizes, until } from './lib.mjs'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

area('pictures', (c) => {
  const opened = async () => {
    const page = await enter(c.browser, c.url)
    page.fetched = []
    await page.route('https://pictures.example/**', (route) => {
      page.fetched.push(new URL(route.request().url()).pathname)
      return route.fulfill({ contentType: 'image/png', body: png })
    })
    return page
  }
  const shows = (frame, name) => until(`${name} shows`, () => frame.locator(`img[src$="${name}"]`).first().evaluate((i) => i.complete && i.naturalWidth), 20)

  it('the console loads none', async () => {
    const page = await opened()
    const refused = await page.evaluate(() => new Promise((done) => {
      document.addEventListener('securitypolicyviolation', (e) => done(`${e.effectiveDirective} ${e.blockedURI}`))
      new Image().src = 'https://pictures.example/console.png'
    }))
    assert.equal(refused, 'img-src https://pictures.example/console.png')
    assert.deepEqual(page.fetched, [])
    page.broken = page.broken.filter((text) => !text.includes('https://pictures.example/console.png')) // the refusal itself
    await leave(page)
  })

  it('a mail that is read shows them, and runs nothing', async () => {
    const html = '<html><head><meta http-equiv="refresh" content="0;url=https://pictures.example/gone"></head><body><p>Look</p><img alt="A" src="https://pictures.example/mail.png" onload="document.body.append(\'RAN\')"><script>document.body.append(\'RAN\')</script><a href="https://pictures.example/away">Away</a><form action="https://pictures.example/form"><button>Send</button></form></body></html>'
    assert.equal((await c.ask('POST', '/specs/apply', { files: { 'a.yaml': JSON.stringify({ kind: 'template', name: 'pictures-test', channel: 'email', subject: 'Pictures', html }) } })).status, 200)
    const page = await opened()
    await page.goto(`${c.url}/templates/pictures-test`)
    const frame = page.frameLocator('.letter-frame:not(.thumb) iframe')
    await shows(frame, 'mail.png')
    await frame.getByRole('link', { name: 'Away' }).click()
    await frame.getByRole('button', { name: 'Send' }).click()
    await frame.getByText('Look').waitFor()
    assert.ok(!(await frame.locator('body').innerText()).includes('RAN'))
    assert.ok(page.fetched.includes('/mail.png') && !page.fetched.some((p) => ['/away', '/gone', '/form'].includes(p)), page.fetched.join())
    assert.equal(await frame.locator('body').evaluate(() => { try { return parent.document.title } catch { return 'nothing' } }), 'nothing')
    page.broken = page.broken.filter((text) => !/sandbox|Content Security Policy/.test(text)) // what was refused
    await leave(page)
    assert.equal((await c.ask('DELETE', '/specs/template/pictures-test')).status, 204)
  })

  it('a mail is opened from the list on a phone', async () => {
    const page = await enter(c.browser, c.url, { size: sizes.phone })
    await page.goto(`${c.url}/mailbox`)
    await page.getByRole('navigation', { name: 'Mails' }).getByRole('link').first().click()
    await until('the mail shows', () => page.frameLocator('.mail-frame iframe').locator('body').innerText(), 20)
    await leave(page)
  })

  it('a mail that is drawn shows them', async () => {
    const page = await opened()
    await page.goto(`${c.url}/templates/~new?tab=draw`)
    const canvas = page.frameLocator('.gjs-frame')
    await canvas.getByText('Have a look').waitFor({ timeout: 30_000 })
    await canvas.locator('body').evaluate((body) => { body.append(Object.assign(new Image(), { src: 'https://pictures.example/drawn.png' })) })
    await shows(canvas, 'drawn.png')
    await leave(page)
  })
})
