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
    // What a colleague saves besides is not in the way.
    const beside = `/specs/cap/beside-${Date.now()}`
    assert.equal((await c.ask('PUT', beside, { max: 9, per: '7d' })).status, 200)
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText(/version 2/).waitFor()
    assert.equal((await c.ask('DELETE', beside)).status, 204)
    assert.equal((await c.ask('GET', '/specs/cap/two-a-week')).body.body.max, 3)

    await leave(page)
  })

  it('guards each document of a text against what a colleague saves meanwhile', async () => {
    const [one, two] = [`first-${Date.now()}`, `second-${Date.now()}`]
    const put = async (name, max) => assert.equal((await c.ask('PUT', `/specs/cap/${name}`, { max, per: '7d' })).status, 200)
    const stored = async (name) => (await c.ask('GET', `/specs/cap/${name}`)).body
    await put(one, 1)
    await put(two, 1)
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/settings/configuration?kind=cap&name=${one}`)
    await settled(page)
    const text = page.getByLabel(`The text of ${one}`)
    const mine = `kind: cap\nname: ${one}\nmax: 2\nper: 7d\n---\nkind: cap\nname: ${two}\nmax: 2\nper: 7d\n`
    await text.fill(mine)
    await put(two, 5)
    const notice = page.locator('main').getByRole('alert').filter({ hasText: 'has saved version 2' })
    await notice.waitFor()
    assert.ok(await page.getByRole('button', { name: 'See what would change' }).isDisabled())
    await page.getByRole('button', { name: 'Look at theirs' }).click()
    await page.getByRole('dialog').getByText('~ max: 5 -> 2').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Take theirs' }).click()
    await until('theirs beside mine', async () => /max: 2[^]*max: 5/.test(await text.inputValue()))
    await text.fill(mine) // after all
    await page.getByRole('button', { name: 'See what would change' }).click()
    await page.getByText('2 to change').waitFor()
    await put(two, 6)
    await notice.or(page.locator('main').getByRole('alert').filter({ hasText: 'has saved version 3' })).waitFor()
    await page.getByRole('button', { name: 'Save mine over it' }).click()
    await page.getByText('2 to change').waitFor()
    assert.equal((await stored(two)).body.max, 6, 'nothing counts before its plan was seen')
    await page.getByRole('button', { name: 'Apply' }).click()
    await until('both to be saved', async () => (await stored(one)).body.max === 2 && (await stored(two)).body.max === 2)
    await until('what is left to be the first one', async () => (await text.inputValue()).split('kind:').length === 2)
    await page.getByText(/version 2/).waitFor()

    // A page that hears of nothing is refused by the server, and finds out then.
    await page.route('**/api/v1/changes*', (route) => route.abort())
    await page.goto(`${c.url}/settings/configuration?kind=cap&name=${one}`)
    await settled(page)
    await text.fill(mine.replaceAll('max: 2', 'max: 3'))
    await put(two, 7)
    await page.getByRole('button', { name: 'See what would change' }).click()
    await page.locator('main').getByRole('alert').filter({ hasText: 'has saved version 5' }).waitFor()
    assert.equal((await stored(two)).body.max, 7)
    page.broken = page.broken.filter((b) => !/ERR_FAILED/.test(b)) // the stream that was cut
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
