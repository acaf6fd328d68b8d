// What a role does not allow is not shown, and the API refuses it too.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled, viewer } from './lib.mjs'

area('roles', (c) => {
  it('shows a viewer no customer and no way to change anything, and the API refuses too', async () => {
    const page = await enter(c.browser, c.url, { who: viewer })
    for (const gone of ['People', 'Ledger', 'Mailbox']) assert.equal(await page.getByRole('link', { name: gone, exact: true }).count(), 0, gone)
    await page.goto(`${c.url}/journeys/welcome`)
    await settled(page)
    for (const gone of ['Pause', 'Resume', 'Enter a person', 'Edit', 'New journey']) assert.equal(await page.getByRole('button', { name: gone }).or(page.getByRole('link', { name: gone })).count(), 0, gone)
    await page.goto(`${c.url}/settings/configuration?kind=cap&name=two-a-week`)
    await settled(page)
    assert.equal(await page.getByRole('button', { name: /New|Delete|See what would change/ }).count(), 0)
    assert.equal(await page.getByLabel('The text of two-a-week').getAttribute('readonly'), '')
    for (const gone of ['Keys', 'Users', 'Audit log']) assert.equal(await page.getByRole('link', { name: gone, exact: true }).count(), 0, gone)
    await page.goto(`${c.url}/people`)
    await page.locator('main .problem').waitFor() // the server says why
    const refused = await page.evaluate(async () => (await fetch('/api/v1/journeys/welcome/pause', { method: 'POST', headers: { 'X-Heed-Console': '1' } })).status)
    assert.equal(refused, 403)
    await leave(page)
  })
})
