// Configuration with a plan, keys, engines, a backup.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled, until } from './lib.mjs'

area('settings', (c) => {
  it('plans before it applies, and names what is wrong by line', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/settings/configuration?kind=cap&name=two-a-week`)
    await settled(page)
    const text = page.getByLabel('The text of two-a-week')
    const before = await text.inputValue()
    await text.fill(before.replace('max: 2', 'max: lots'))
    await page.getByRole('button', { name: 'See what would change' }).click()
    await page.locator('main .problem').waitFor()
    await text.fill(before.replace('max: 2', 'max: 3'))
    await page.getByRole('button', { name: 'See what would change' }).click()
    await page.getByText('1 to change').waitFor()
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText(/version 2/).waitFor()
    assert.equal((await c.ask('GET', '/specs/cap/two-a-week')).body.body.max, 3)

    await leave(page)
  })

  it('shows a key once, lets it work, and takes it back', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/settings/keys`)
    await page.getByRole('button', { name: 'New key' }).click()
    const form = page.getByRole('dialog')
    await form.getByText('API key').click()
    await form.getByLabel('What it is for').fill('e2e reader')
    await form.getByRole('textbox', { name: 'Scopes' }).click()
    await page.getByRole('option', { name: 'analyst', exact: true }).click()
    await page.keyboard.press('Escape')
    await form.getByRole('button', { name: 'Make it' }).click()
    const key = (await form.getByRole('region', { name: 'The key' }).innerText()).trim()
    const status = async () => (await fetch(`${c.url}/api/v1/overview`, { headers: { Authorization: `Bearer ${key}` } })).status
    assert.equal(await status(), 200)
    await form.getByRole('button', { name: 'I have it' }).click()
    await page.getByRole('button', { name: /Revoke e2e reader/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await until('the key to be refused', async () => (await status()) === 401, 20)
    assert.ok(!(await page.content()).includes(key), 'the key is shown once')
    await leave(page)
  })

  it('shows how every engine is, and hands out a backup to those who may', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/settings/health`)
    await page.getByRole('heading', { name: 'Stream' }).waitFor()
    await page.getByText('Everything that runs, runs well.').waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()])
    assert.match(file.suggestedFilename(), /^heed-.*\.backup$/)
    assert.equal(await file.failure(), null)
    await leave(page)
  })

  it('finds in the audit log who did what', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/settings/audit?action=session.login`)
    await page.getByRole('cell', { name: 'Signed in', exact: true }).first().waitFor()
    await page.getByLabel('Who').fill('nobody@lumen.example')
    await page.getByText('Nothing fits').waitFor()
    assert.match(page.url(), /actor=nobody/)
    await page.goto(`${c.url}/settings/audit?q=LOGIN`)
    await page.getByRole('cell', { name: 'Signed in', exact: true }).first().waitFor()
    await leave(page)
  })
})
