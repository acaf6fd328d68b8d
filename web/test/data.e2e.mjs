// Data: a file is mapped and imported, a refused event is put right, somebody is suppressed, a secret is shown once.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled, until } from './lib.mjs'

area('data', (c) => {
  it('maps a file with a preview, imports it, and hands out what was refused', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/imports`)
    await page.getByRole('button', { name: 'Import a file' }).click()
    const lines = ['CustomerID,Mail,Visited at,Amount', 'shop-1,till-1@example.com,2026-01-02T10:00:00Z,12.50', 'shop-2,till-2@example.com,2026-01-02T11:00:00Z,7', 'shop-3,till-3@example.com,not a time,3']
    await page.locator('input[type=file]').setInputFiles({ name: 'till-visits.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n') + '\n') })
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('table', { name: 'Columns' }).waitFor()
    assert.equal(await dialog.getByRole('combobox', { name: 'What Mail is' }).or(dialog.getByRole('textbox', { name: 'What Mail is' })).inputValue(), 'E-mail address')
    await dialog.getByRole('textbox', { name: 'What happened' }).fill('Till Visited')
    await dialog.getByRole('combobox', { name: 'What Visited at is' }).or(dialog.getByRole('textbox', { name: 'What Visited at is' })).click()
    await page.getByRole('option', { name: 'When it happened' }).click()
    await dialog.getByText('Till Visited').first().waitFor()
    await dialog.getByText('One would be refused').waitFor()
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    const one = await until('the import is done', async () => (await c.ask('GET', '/imports')).body.items.find((i) => i.file === 'till-visits.csv' && i.state === 'done'), 60)
    assert.equal(one.accepted, 2)
    assert.equal(one.rejected, 1)
    await page.reload() // what is done, and how far it is, does not depend on this page
    await page.getByText('till-visits.csv').first().waitFor()
    const rejects = await page.evaluate(async (id) => (await fetch(`/api/v1/imports/${id}/rejects`)).text(), one.id)
    assert.match(rejects, /not a time/)
    await leave(page)
  })

  it('puts a refused event right and takes it in', async () => {
    await c.ask('POST', '/events', { type: 'track', userId: 'letter-1', properties: { total: 3 } })
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/dead-letters`)
    await settled(page)
    const letter = page.getByRole('listitem').filter({ hasText: 'a track event needs a name' }).first()
    await letter.getByRole('button', { name: 'Look and fix' }).click()
    const text = page.getByLabel('The event as it arrived')
    await text.fill(JSON.stringify({ type: 'track', userId: 'letter-1' }))
    await page.getByRole('button', { name: 'Take it in' }).click()
    await page.locator('form .problem').getByText('needs a name').waitFor()
    await text.fill(JSON.stringify({ type: 'track', event: 'Letter Fixed', userId: 'letter-1' }))
    await page.getByRole('button', { name: 'Take it in' }).click()
    await page.getByText('Taken in.').waitFor()
    await until('somebody has it', async () => (await c.ask('GET', '/people?identifier=user_id:letter-1')).status === 200, 20)
    await c.ask('POST', '/events', { type: 'track', userId: 'letter-2' })
    await page.reload()
    await page.getByRole('listitem').filter({ hasText: 'a track event needs a name' }).first().getByRole('button', { name: 'Discard' }).click()
    await page.getByText('Off the list.').waitFor()
    const audit = (await c.ask('GET', '/audit?limit=50')).body.items.map((e) => e.action)
    assert.ok(audit.includes('dead_letter.fix') && audit.includes('dead_letter.discard'))
    await leave(page)
  })

  it('puts an address on the suppression list, finds it, and lifts it', async () => {
    await c.ask('POST', '/events', { type: 'identify', userId: 'never-1', traits: { email: 'please-never@example.com' } })
    await until('they are known', async () => (await c.ask('GET', '/people?identifier=email:please-never@example.com')).body.traits?.email, 20)
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/suppressions`)
    await page.getByRole('button', { name: 'Add to the list' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Address or number' }).fill('please-never@example.com')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('asked on the phone')
    await dialog.getByRole('button', { name: 'Add to the list' }).click()
    await page.getByText('Nothing goes there any more.').waitFor()
    await page.getByRole('searchbox', { name: 'Find' }).fill('please-never')
    await page.getByText('please-never@example.com').first().waitFor()
    const may = (await c.ask('POST', '/decide', { identifier: 'email:please-never@example.com', channel: 'email', purpose: (await c.ask('GET', '/specs?kind=purpose')).body.items[0].name })).body
    assert.equal(may.reason, 'SUPPRESSED')
    await page.getByRole('button', { name: 'Lift please-never@example.com' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).fill('asked us back')
    await page.getByRole('dialog').getByRole('button', { name: 'Lift' }).click()
    await page.getByText('Nobody on the list fits').waitFor()
    await leave(page)
  })

  it('shows a new signing secret once', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/webhooks`)
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Make a new secret' }).click()
    const secret = await page.getByRole('region', { name: 'Signing secret' }).innerText()
    assert.match(secret, /^whsec_/)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    const spec = (await c.ask('GET', '/specs/channel/webhook')).body
    assert.ok(!JSON.stringify(spec).includes(secret), 'the API does not show it again')
    await leave(page)
  })

  it('draws how often events come, and says what to publish for mail', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/events`)
    await page.getByRole('img', { name: /in 30 days/ }).first().waitFor()
    await page.goto(`${c.url}/data/deliverability`)
    await page.getByText('v=DMARC1').first().waitFor()
    await leave(page)
  })
})
