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

  it('goes on with an upload where the line broke, and where a page was left', async () => {
    const line = (i) => `up-${i},2026-01-02T10:00:00Z,${'x'.repeat(80)}\n`
    const buffer = Buffer.from('CustomerID,Visited at,Note\n' + Array.from({ length: 200_000 }, (_, i) => line(i)).join('')) // three pieces
    const file = { name: 'half.csv', mimeType: 'text/csv', buffer }
    const page = await enter(c.browser, c.url)
    const offsets = []
    let lost = true
    await page.route('**/api/v1/imports/*/file', async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue()
      offsets.push(Number(route.request().headers()['upload-offset']))
      return lost && offsets.length > 1 ? route.abort('connectionreset') : route.continue()
    })
    const choose = async () => {
      await page.getByRole('button', { name: 'Import a file' }).click()
      // The browser takes it for the same file when it was changed at the same time.
      await page.locator('input[type=file]').evaluate((input, { name, text }) => {
        const files = new DataTransfer()
        files.items.add(new File([text], name, { type: 'text/csv', lastModified: 1_767_000_000_000 }))
        input.files = files.files
        input.dispatchEvent(new Event('change', { bubbles: true }))
      }, { name: file.name, text: buffer.toString() })
    }
    const one = async () => (await c.ask('GET', '/imports')).body.items.find((i) => i.file === file.name)
    await page.goto(`${c.url}/data/imports`)
    await choose()
    await page.getByRole('dialog').getByRole('textbox', { name: 'What happened' }).fill('Half Visited')
    await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
    await until('the first piece is here and the second is lost', async () => offsets.length > 1 && (await one())?.bytes === offsets[1])
    assert.equal((await one()).state, 'uploading')
    page.on('dialog', (d) => d.accept()) // leaving in the middle asks first
    await page.goto(`${c.url}/data/imports`)
    const row = page.getByRole('row').filter({ hasText: file.name })
    await row.getByText('Half here').waitFor()
    lost = false
    offsets.length = 0
    await choose()
    await page.getByRole('dialog').getByText(/are here already/).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
    const done = await until('the import is done', async () => { const i = await one(); return i.state === 'done' && i }, 90)
    assert.ok(offsets[0] > 0, 'it did not begin at the beginning')
    assert.equal(done.accepted, 200_000)
    page.broken = page.broken.filter((text) => !/ERR_CONNECTION_RESET/.test(text)) // the line that was cut
    await leave(page)
  })

  it('shows each attempt of a webhook and has it sent again', async () => {
    const documents = [
      { kind: 'template', name: 'hook-test', channel: 'webhook', url: 'http://127.0.0.1:9/', body: '{}' },
      { kind: 'purpose', name: 'hook-test', title: 'Hook test', class: 'service', consent: 'none' },
      { kind: 'journey', name: 'hook-test', trigger: { event: 'Hook Tested' }, nodes: [{ id: 'tell', webhook: { template: 'hook-test', purpose: 'hook-test' } }, { id: 'done', end: true }] },
    ]
    assert.equal((await c.ask('POST', '/specs/apply', { files: Object.fromEntries(documents.map((d, i) => [`${i}.yaml`, JSON.stringify(d)])) })).status, 200)
    const failed = async () => (await c.ask('GET', '/messages?channel=webhook&journey=hook-test')).body.items.find((m) => m.state === 'failed')
    await until('a webhook has failed', async () => {
      await c.ask('POST', '/events', { type: 'track', event: 'Hook Tested', userId: 'hook-1' })
      return failed()
    })
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/webhooks`)
    await page.getByRole('row').filter({ hasText: 'Hook test' }).getByRole('button', { name: /attempt/i }).last().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('no answer').waitFor()
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await dialog.getByText('owner@lumen.example had it sent again').waitFor()
    await until('the second attempt shows', async () => (await dialog.getByText('no answer').count()) === 2, 30)
    await leave(page)
    await c.ask('POST', '/journeys/hook-test/pause')
    for (const d of documents.reverse()) await c.ask('DELETE', `/specs/${d.kind}/${d.name}`)
  })

  it('exports the timelines of a segment, filtered', async () => {
    const segment = (await c.ask('GET', '/segments')).body.items[0].name
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/data/exports?segment=${segment}&direction=inbound&events=Order Completed`)
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'NDJSON' }).click()
    const job = await until('the file is written', async () => (await c.ask('GET', '/exports')).body.items.find((j) => j.what === 'timelines' && j.state === 'done'), 60)
    assert.deepEqual([job.asked.segment, job.asked.direction, job.asked.events], [segment, 'inbound', ['Order Completed']])
    await page.getByText(/From them · Order Completed/).first().waitFor()
    const lines = (await page.evaluate(async (id) => (await fetch(`/api/v1/exports/${id}/file`)).text(), job.id)).split('\n').filter(Boolean).map((l) => JSON.parse(l))
    assert.ok(lines.every((l) => l.name === 'Order Completed' && l.direction === 'inbound'), 'only what was asked for')
    assert.equal(lines.length, job.rows)
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
