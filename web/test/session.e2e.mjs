// Who gets in, and where they are led.
import { it } from 'node:test'
import { area, owner, sizes } from './lib.mjs'

area('signing in', (c) => {
  it('asks who you are, refuses a wrong password, and leads back to where you wanted to go', async () => {
    const page = await (await c.browser.newContext({ viewport: sizes.desktop })).newPage()
    await page.goto(`${c.url}/ledger?outcome=send`)
    await page.waitForURL(/\/login/)
    await page.getByLabel('E-mail address').fill(owner.email)
    await page.locator('input[name=password]').fill('not the password at all')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await page.locator('input[name=password]').fill(owner.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/\/ledger\?outcome=send/)
    await page.waitForFunction(() => document.title.startsWith('Ledger'))
    await page.getByRole('button', { name: /owner@lumen/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
    await page.goto(`${c.url}/people`)
    await page.waitForURL(/\/login/)
    await page.context().close()
  })
})
