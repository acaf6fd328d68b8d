// The console without a mouse.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled } from './lib.mjs'

area('keyboard', (c) => {
  it('is worked by keyboard: skip link, shortcuts, palette', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(c.url)
    await settled(page)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main')
    await page.keyboard.press('g')
    await page.keyboard.press('j')
    await page.waitForURL(/\/journeys$/)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find anything' }).waitFor()
    await page.keyboard.type('quiet hours')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('/')
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox' && !document.activeElement.value)
    await page.keyboard.type('Mailb')
    await page.getByRole('option', { name: /Mailbox/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/mailbox$/)
    await leave(page)
  })

  it('finds whom was typed, however fast Enter follows', async () => {
    const [one, other] = (await c.ask('GET', '/people?limit=2')).body.items
    const page = await enter(c.browser, c.url)
    await page.keyboard.press('Control+k')
    const find = page.getByRole('combobox', { name: 'Find anything' })
    await find.fill(one.email)
    await page.getByRole('option', { name: one.email }).waitFor()
    await find.fill(other.email) // the answer is still about the first one
    await page.keyboard.press('Enter')
    await page.waitForURL(`${c.url}/people/${other.id}`)
    await leave(page)
  })
})
