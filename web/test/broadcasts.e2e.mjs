// A broadcast from its first word to its results.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wrong } from './axe.mjs'
import { area, enter, leave, settled, sizes, until, viewer } from './lib.mjs'

const pick = async (page, label, option, nth = 0) => {
  await page.getByRole('textbox', { name: label, exact: true }).nth(nth).click()
  await page.getByRole('option', { name: option }).first().click()
}

/** Nothing that axe finds wrong, at both widths and in the dark. */
async function accessible(page) {
  for (const size of [sizes.phone, sizes.desktop]) {
    await page.setViewportSize(size)
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' })
      assert.deepEqual(await wrong(page), [], `${page.url()} ${colorScheme} ${size.width}`)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${page.url()} is wider than ${size.width}`)
    }
  }
}

area('broadcasts', (c) => {
  it('is composed, checked, sent and looked at', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/broadcasts`)
    await settled(page)
    await page.getByRole('link', { name: 'New broadcast' }).first().click()
    const title = `Linen ${Date.now()}`
    await page.getByLabel('Name').fill(title)
    await pick(page, 'Segment', 'Asked for our stories themselves')
    await page.getByText(/\d people now/).waitFor()
    await page.getByLabel('Holdout').fill('30')
    await page.getByRole('button', { name: 'What it says' }).click()
    assert.ok(await page.getByRole('button', { name: 'When it goes' }).isDisabled(), 'the next step waits for what is missing')
    await pick(page, 'Purpose', 'Stories and offers')
    await page.getByRole('button', { name: 'Try variants against each other' }).click()
    await pick(page, 'Template', 'Welcome', 0)
    await pick(page, 'Template', 'New colours', 1)
    await page.getByRole('button', { name: 'When it goes' }).click()
    await page.getByRole('textbox', { name: 'Goal', exact: true }).fill('Order Completed')
    await page.getByRole('button', { name: 'Save and look at who gets it' }).click()

    // Who gets it and who not, before anything is sent.
    await page.getByText(/^\d+ people looked at/).waitFor()
    await page.getByRole('button', { name: 'Held out, to measure' }).click()
    await page.getByRole('table', { name: 'People' }).or(page.getByRole('list', { name: 'People' })).getByRole('link').first().waitFor()
    await accessible(page)
    const name = new URL(page.url()).pathname.split('/')[2]
    const before = (await c.ask('GET', `/broadcasts/${name}`)).body
    assert.equal(before.broadcast.state, 'draft')
    assert.equal(before.check.state, 'done')
    assert.deepEqual((await c.ask('GET', `/broadcasts/${name}/people`)).body.items, [])

    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('button', { name: 'Start the broadcast' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Start the broadcast' }).click()
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
    await page.getByRole('heading', { name: 'What became of it' }).waitFor()

    // What the check said is what became of it, as far as nobody has changed meanwhile.
    const after = (await c.ask('GET', `/broadcasts/${name}`)).body
    const heldOut = after.results.reduce((n, r) => n + r.held_out, 0)
    assert.equal(after.broadcast.turned, after.broadcast.audience)
    assert.ok(heldOut > 0, 'somebody is held out')
    assert.deepEqual([...new Set(after.results.map((r) => r.variant))].sort(), ['a', 'b'])
    await until('the turns to reach history', async () => (await c.ask('GET', `/broadcasts/${name}/goal`)).body.groups?.length >= 3)
    await page.reload()
    await page.getByText(/percentage points/).first().waitFor()
    await accessible(page)
    await page.getByRole('link', { name: /^People/ }).last().click()
    await page.getByRole('table', { name: 'People' }).getByRole('link').first().waitFor()
    await accessible(page)
    assert.equal((await c.ask('POST', `/broadcasts/${name}/start`, { version: 1 })).status, 409, 'it is sent once')
    await leave(page)
  })

  it('is paused, goes on, and is stopped for good', async () => {
    const name = `slow-${Date.now()}`
    const put = await c.ask('PUT', `/specs/broadcast/${name}`, { segment: 'hand-raisers', message: { channel: 'email', purpose: 'stories', template: 'welcome' }, pace: '1 per minute' })
    assert.equal(put.status, 200, JSON.stringify(put.body))
    assert.equal((await c.ask('POST', `/broadcasts/${name}/start`, { version: 1 })).status, 202)
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/broadcasts/${name}`)
    await page.getByText(/^1 of \d+ have had their turn/).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('Sending', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Stop for good' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop for good' }).click()
    await page.getByText('Stopped', { exact: true }).waitFor({ timeout: 15_000 })
    const { broadcast, results } = (await c.ask('GET', `/broadcasts/${name}`)).body
    assert.equal(results.reduce((n, r) => n + r.waiting, 0), 0)
    assert.ok(results.reduce((n, r) => n + r.canceled, 0) >= broadcast.audience - 1)
    await leave(page)
  })

  it('is not for a viewer to start', async () => {
    const page = await enter(c.browser, c.url, { who: viewer })
    await page.goto(`${c.url}/broadcasts`)
    await settled(page)
    assert.equal(await page.getByRole('link', { name: 'New broadcast' }).count(), 0)
    await page.goto(`${c.url}/broadcasts/~new`)
    await page.getByText('You may not write broadcasts').waitFor()
    const refused = await page.evaluate(async () => (await fetch('/api/v1/broadcasts/x/start', { method: 'POST', headers: { 'X-Heed-Console': '1', 'Content-Type': 'application/json' }, body: '{"version":1}' })).status)
    assert.equal(refused, 403)
    await leave(page)
  })
})
