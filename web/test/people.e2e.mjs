// From a person over the brief and a decision to the mail, and what a service agent does there.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { agent, area, enter, leave, routeOf, settled, until } from './lib.mjs'

area('people', (c) => {
  it('leads from a person over the brief and a decision to the mail', async () => {
    const decision = (await c.ask('GET', '/decisions?outcome=send&limit=20')).body.items
    const mails = (await c.ask('GET', '/mails?limit=50')).body.items
    let person
    for (const d of decision) {
      const p = (await c.ask('GET', `/people/${d.person}`)).body
      if (p.name && p.traits.email && mails.some((m) => m.to.join().includes(p.traits.email))) { person = p; break }
    }
    assert.ok(person, 'somebody got a mail')
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/people`)
    await page.getByRole('searchbox', { name: 'Find' }).fill(person.traits.email)
    await page.getByRole('link', { name: person.name }).first().click()
    await page.waitForURL(new RegExp(person.id))
    await page.getByRole('heading', { name: 'Brief' }).waitFor()
    await page.getByText(new RegExp(`^${person.name}, `)).waitFor() // the headline
    await page.getByRole('link', { name: 'Messages and decisions' }).click()
    await page.getByRole('row').filter({ hasText: 'Sent' }).first().getByRole('link').first().click()
    await page.waitForURL(/\/messages\//)
    await page.getByText('What was decided, newest first').waitFor()
    await page.getByRole('button', { name: /show what it was decided from/ }).first().click()
    await page.getByRole('region', { name: 'What it was decided from' }).waitFor()
    await page.getByRole('link', { name: 'Read it in the mailbox' }).click()
    await page.waitForURL(/\/mailbox\//)
    await until('the mail shows', () => page.frameLocator('iframe').locator('body').innerText())
    assert.equal(await page.locator('iframe').getAttribute('sandbox'), 'allow-scripts')
    await page.getByRole('link', { name: 'Why was this sent?' }).click()
    await page.waitForURL(/\/messages\//)
    await leave(page)
  })

  it('goes on looking by itself while a rule holds for few, and says how far it is', async () => {
    const page = await enter(c.browser, c.url)
    const pages = 4
    const asked = new Set()
    // A million people are not there: what their answers would be is.
    await page.route('**/api/v1/people?*', async (route) => {
      const at = Number(new URL(route.request().url()).searchParams.get('after') ?? 0)
      if (at === 2 && !asked.has(at)) await page.getByText('Looking: 500,000 of 1,000,000. 1 fit so far.').waitFor()
      asked.add(at)
      const { items } = await (await route.fetch({ url: `${c.url}/api/v1/people?limit=1` })).json()
      await route.fulfill({ json: { items: at === 1 ? items : [], ...(at < pages - 1 && { next: String(at + 1) }), looked: { people: 1_000_000 / pages, of: 1_000_000 } } })
    })
    await page.goto(`${c.url}/people?rule=${encodeURIComponent('stage = new')}`)
    await page.getByText('Looked at everybody: 1,000,000. 1 fit.').waitFor()
    assert.deepEqual([...asked], [0, 1, 2, 3], 'it went on by itself')
    assert.equal(await page.locator('.people-rows tbody tr').count(), 1)
    await leave(page)
  })

  it('lets a service agent ask, note a contact and record a consent', async () => {
    const person = (await c.ask('GET', (await routeOf(c, 'person')))).body
    const page = await enter(c.browser, c.url, { who: agent })
    await page.goto(`${c.url}/people/${person.id}`)
    await settled(page)
    await page.getByRole('combobox', { name: 'By' }).or(page.getByRole('textbox', { name: 'By' })).first().click()
    await page.getByRole('option', { name: 'E-mail' }).click()
    await page.getByPlaceholder('Choose a purpose').click()
    await page.getByRole('option', { name: 'About your account' }).click()
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByText('Yes, go ahead.').waitFor()

    await page.getByRole('button', { name: 'Note a contact' }).click()
    await page.getByLabel('What happened').fill('Call about a missing button')
    await page.getByLabel('What was said').fill('A button came off. We send one.')
    await page.getByRole('button', { name: 'Note it' }).click()
    await until('the note to be in the timeline', async () => {
      await page.reload()
      await settled(page)
      return page.getByText('Call about a missing button').first().isVisible()
    }, 30)

    await page.goto(`${c.url}/people/${person.id}?tab=consents`)
    await settled(page)
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    const form = page.getByRole('dialog')
    await form.getByRole('textbox', { name: 'Purpose' }).click()
    await page.getByRole('option', { name: 'Asking how we did' }).click()
    await form.getByRole('textbox', { name: 'They said' }).click()
    await page.getByRole('option', { name: 'No', exact: true }).click()
    await form.getByLabel('What they did').fill('told me to stop asking')
    await form.getByRole('button', { name: 'Record' }).click()
    await page.getByText('told me to stop asking').waitFor()
    await leave(page)
  })

  it('chooses columns, saves a view, and hands the list out as a file', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/people`)
    await settled(page)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('checkbox', { name: 'Phone' }).check()
    await page.keyboard.press('Escape')
    await page.waitForURL(/columns=/)
    await page.getByRole('columnheader', { name: 'Phone' }).waitFor()
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name: 'Save this view' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('With phones')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'With phones' }).waitFor()
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'CSV' }).click()
    const made = await until('the file is there', async () => (await c.ask('GET', '/exports')).body.items.find((e) => e.what === 'people' && e.format === 'csv' && e.state === 'done'), 30)
    await page.goto(`${c.url}/data/exports`)
    const down = page.waitForEvent('download')
    await page.locator(`a[href*="${made.id}"]`).click()
    assert.match((await down).suggestedFilename(), /^heed-people-.*\.csv$/)
    await until('the download is in the audit log', async () => (await c.ask('GET', '/audit?limit=20')).body.items.some((e) => e.action === 'export.download'), 10)
    await leave(page)
  })

  it('draws identities, merges two people and takes it back', async () => {
    for (const n of [1, 2]) await c.ask('POST', '/events', { type: 'identify', userId: `twin-${n}`, traits: { email: `twin-${n}@example.com`, name: `Twin ${n}` } })
    const twin = await until('both are known', async () => {
      const one = (await c.ask('GET', '/people?identifier=user_id:twin-1')).body
      const two = (await c.ask('GET', '/people?identifier=user_id:twin-2')).body
      return one?.id && two?.id && [one.id, two.id]
    }, 20)
    const merged = (await c.ask('POST', `/people/${twin[0]}/merge`, { with: twin[1] })).body.person
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/people/${merged}?tab=identity`)
    await page.getByRole('img', { name: /The identifiers of/ }).waitFor()
    // Who would split something off is told first what becomes of what is known.
    await page.getByRole('checkbox', { name: new RegExp(`user_id:twin-${merged === twin[0] ? 1 : 2}$`) }).check()
    await page.getByRole('button', { name: 'Split off' }).click()
    await page.getByRole('dialog').getByText('become who they were before, each with what was known of them').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Undone. They are two people again.').waitFor()
    for (const [i, id] of twin.entries()) {
      const now = (await c.ask('GET', `/people?identifier=user_id:twin-${i + 1}`)).body
      assert.equal(now.id, id)
      assert.equal(now.traits.name, `Twin ${i + 1}`)
    }
    await leave(page)
  })
})
