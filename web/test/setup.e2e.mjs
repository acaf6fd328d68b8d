// A Heed that nobody has signed in to yet.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { missing, openBrowser, settled, sizes, startHeed, until } from './lib.mjs'

describe('first run', { skip: missing(), timeout: 120_000 }, () => {
  it('makes the first owner with the token from the URL, once', async () => {
    const heed = await startHeed({ command: 'serve', fresh: true })
    const browser = await openBrowser()
    try {
      const link = await until('the setup address', () => /\/setup\?token=(\S+)/.exec(heed.output())?.[0])
      const page = await (await browser.newContext({ viewport: sizes.phone })).newPage()
      await page.goto(heed.url + link)
      await page.getByLabel('Your name').fill('Olga Owner')
      assert.doesNotMatch(page.url(), /token/, 'the token leaves the address bar')
      await page.getByLabel('E-mail address').fill('olga@example.com')
      await page.locator('input[name=password]').fill('four words in a row')
      await page.locator('input[name=again]').fill('four words in a row')
      const { violations } = await new AxeBuilder({ page }).analyze()
      assert.deepEqual(violations.map((v) => v.id), [])
      await page.getByRole('button', { name: /Make the account/ }).click()
      await page.waitForURL((u) => u.pathname === '/')
      await settled(page)
      await page.goto(`${heed.url}/people`)
      await page.getByText('Nobody is known yet').waitFor()
      await page.goto(heed.url + link)
      await page.getByText('Heed is set up').waitFor()
    } finally {
      await browser.close()
      await heed.stop()
    }
  })
})
