// What opens over a page: palette, menus, forms.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wrong } from './axe.mjs'
import { area, enter, leave, routeOf, settled } from './lib.mjs'

area('what opens', (c) => {
  it('passes axe where something opens: palette, menus, forms', async () => {
    const page = await enter(c.browser, c.url)
    const check = async (what) => assert.deepEqual(await wrong(page), [], what)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find anything' }).fill('ledger')
    await page.getByRole('option', { name: /Ledger/ }).waitFor()
    await check('palette')
    await page.keyboard.press('Escape')
    await page.goto(c.url + (await routeOf(c, 'person')))
    await settled(page)
    await page.getByRole('button', { name: 'Note a contact' }).click()
    await page.getByRole('dialog').waitFor()
    await check('note form')
    await page.keyboard.press('Escape')
    await page.goto(`${c.url}/settings/keys`)
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByRole('dialog').waitFor()
    await check('key form')
    await leave(page)
  })
})
