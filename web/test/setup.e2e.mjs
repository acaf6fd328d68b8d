// A Heed that nobody has signed in to yet: the owner, the first steps, the first event, the first colleague.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wrong } from './axe.mjs'
import { missing, openBrowser, settled, sizes, startHeed, until } from './lib.mjs'

describe('first run', { skip: missing(), timeout: 180_000 }, () => {
  it('leads from the printed address to the first event and the first colleague', async () => {
    const heed = await startHeed({ command: 'serve', fresh: true })
    const browser = await openBrowser()
    const axe = async (page, what) => assert.deepEqual(await wrong(page), [], what)
    try {
      const link = await until('the setup address', () => /\/setup\?token=(\S+)/.exec(heed.output())?.[0])
      const page = await (await browser.newContext({ viewport: sizes.phone, locale: 'en-GB', reducedMotion: 'reduce' })).newPage()
      await page.goto(heed.url + link)
      await page.getByLabel('Your name').fill('Olga Owner')
      assert.doesNotMatch(page.url(), /token/, 'the token leaves the address bar')
      await page.getByLabel('E-mail address').fill('olga@example.com')
      await page.locator('input[name=password]').fill('four words in a row')
      await page.locator('input[name=again]').fill('four words in a row')
      await axe(page, 'owner')
      await page.getByRole('button', { name: /Make the account/ }).click()

      await page.waitForURL(/\/welcome$/)
      await page.getByLabel('Name of the brand').fill('Lumen & Loom')
      await axe(page, 'brand')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.waitForURL(/step=sender/)
      await page.getByLabel('Address of the sender').fill('hello@lumen.example')
      await page.getByRole('button', { name: 'Send it' }).click()
      await page.getByText('No mail server is set').waitFor()
      await axe(page, 'sender')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.waitForURL(/step=source/)
      await page.getByLabel('What sends the first events?').fill('Web shop')
      await page.getByRole('button', { name: 'Make it and connect' }).click()
      const key = (await page.getByRole('region', { name: 'The write key' }).innerText()).trim()
      assert.match(await page.getByRole('region', { name: 'Snippet: HTML' }).innerText(), new RegExp(key), 'the snippet carries the real key')
      await axe(page, 'source')

      await page.getByText('Waiting for the first event').waitFor()
      const send = (body) => fetch(`${heed.url}/v1/track`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Basic ${btoa(`${key}:`)}` }, body: JSON.stringify(body) })
      assert.equal((await send({ userId: 'u-1', event: 'Hello Heed', properties: { from: 'a test' } })).status, 200)
      await page.getByRole('button', { name: /track · Hello Heed/ }).click()
      await page.getByRole('region', { name: 'The whole event' }).getByText(/from.*a test/s).waitFor()
      await send({ event: 'From nobody' })
      await page.getByText('Refused').first().waitFor()
      await page.getByRole('button', { name: 'Go to the first page' }).click()
      await page.waitForURL((u) => u.pathname === '/')
      await page.getByRole('heading', { name: 'Lumen & Loom' }).waitFor()

      await page.goto(`${heed.url}/settings/users`)
      await page.getByRole('button', { name: 'Add somebody' }).click()
      const form = page.getByRole('dialog')
      await form.getByLabel('E-mail address').fill('vera@example.com')
      await form.getByLabel('Name').fill('Vera Viewer')
      await form.getByRole('button', { name: 'Add and invite' }).click()
      const invitation = (await page.getByRole('region', { name: 'The link' }).innerText()).trim()
      const hers = await (await browser.newContext({ viewport: sizes.desktop, locale: 'de-DE' })).newPage()
      await hers.goto(heed.url + new URL(invitation).pathname + new URL(invitation).hash)
      await hers.locator('input[name=password]').fill('one more four words')
      await hers.locator('input[name=again]').fill('one more four words')
      assert.doesNotMatch(hers.url(), /#/, 'the token leaves the address bar')
      await axe(hers, 'invitation')
      await hers.getByRole('button', { name: 'Speichern und hinein' }).click()
      await hers.waitForURL((u) => u.pathname === '/')
      await settled(hers)
      assert.equal(await hers.getByRole('link', { name: 'Personen', exact: true }).count(), 0, 'she is a viewer')

      await page.goto(heed.url + link)
      await page.getByText('Heed is set up').waitFor()
    } finally {
      await browser.close()
      await heed.stop()
    }
  })

  it('speaks German to a German browser, and English when asked to', async () => {
    const heed = await startHeed()
    const browser = await openBrowser()
    try {
      const page = await (await browser.newContext({ viewport: sizes.desktop, locale: 'de-DE' })).newPage()
      await page.goto(`${heed.url}/login`)
      await page.getByRole('heading', { name: 'Willkommen zurück' }).waitFor()
      assert.equal(await page.locator('html').getAttribute('lang'), 'de')
      await page.locator('input[name=email]').fill('owner@lumen.example')
      await page.locator('input[name=password]').fill('linen-and-light')
      await page.getByRole('button', { name: 'Anmelden' }).click()
      await page.getByRole('heading', { name: 'Personen nach Stufe' }).waitFor()
      await page.getByRole('button', { name: /owner@lumen/ }).click()
      await page.getByRole('menuitem', { name: 'English' }).click()
      await page.getByRole('heading', { name: 'People by stage' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'People by stage' }).waitFor()
      assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    } finally {
      await browser.close()
      await heed.stop()
    }
  })
})
