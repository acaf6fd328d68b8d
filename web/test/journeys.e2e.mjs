// A journey, drawn and run.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled, until } from './lib.mjs'

area('journeys', (c) => {
  it('draws a journey, pauses it and lets it go on', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/journeys/basket`)
    await settled(page)
    const node = page.getByRole('button', { name: /Wait for Order Completed/ })
    await node.click()
    await page.waitForURL(/node=bought/)
    await page.getByRole('heading', { name: /^People at / }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await leave(page)
  })

  it('draws a journey, rehearses it, switches it on; an event comes, the mail is in the mailbox, the decision in the ledger', async () => {
    const stamp = Date.now()
    const event = `Catalogue Requested ${stamp}`
    const ask = (who) => c.ask('POST', '/events', { events: [
      { type: 'identify', userId: `${who}-${stamp}`, traits: { email: `${who}.${stamp}@mail.example`, first_name: 'Gerda' } },
      { type: 'track', userId: `${who}-${stamp}`, event, properties: { order_id: `C-${stamp}`, revenue: 12 } },
    ] })
    assert.equal((await ask('past')).status, 200)
    await until('history to know the event', async () => (await c.ask('GET', '/vocabulary')).body.events.some((e) => e.name === event))

    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/journeys/~new`)
    await settled(page)
    const title = `Catalogue ${stamp}`
    await page.getByRole('textbox', { name: 'Title' }).fill(title)
    await page.getByRole('complementary', { name: 'The whole journey' }).getByRole('textbox', { name: 'Event', exact: true }).first().fill(event)
    // What is wrong is said while it is drawn.
    await page.getByText('a journey needs at least one node').waitFor()

    // From the palette onto the line, as with a mouse; the second one by keyboard alone.
    const palette = page.getByRole('navigation', { name: 'New nodes' })
    const plus = await page.getByRole('button', { name: 'Add a node at the beginning' }).boundingBox()
    await palette.getByRole('button', { name: 'Message' }).hover()
    await page.mouse.down()
    await page.mouse.move(plus.x + 5, plus.y + 5, { steps: 8 })
    await page.mouse.move(plus.x + plus.width / 2, plus.y + plus.height / 2)
    await page.mouse.up()
    const panel = page.getByRole('complementary', { name: 'Node message' })
    await panel.getByRole('alert').getByText(/a message needs a purpose/).waitFor()
    await panel.getByRole('textbox', { name: 'Purpose' }).click()
    await page.getByRole('option', { name: 'About your orders' }).click()
    await panel.getByRole('textbox', { name: 'Template' }).click()
    await page.getByRole('option', { name: 'Your order' }).click()
    await palette.getByRole('button', { name: 'Wait', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Node wait' }).getByRole('textbox', { name: 'How long' }).fill('2d')
    const canvas = page.getByRole('region', { name: 'The journey, drawn' })
    await canvas.getByRole('button', { name: /^Wait 2 days/ }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await canvas.getByRole('button', { name: /^Wait 1 day/ }).waitFor()
    await page.getByRole('button', { name: 'Redo' }).click()
    await canvas.getByRole('button', { name: /^Wait 2 days/ }).focus()
    await page.keyboard.press('Delete')
    await canvas.getByRole('button', { name: /^Wait 2 days/ }).waitFor({ state: 'detached' })

    // The same document in its other forms; and the draft outlives a reload.
    await page.getByRole('radiogroup', { name: 'Show as' }).getByText('List').click()
    await page.getByRole('list', { name: 'The nodes as a list' }).getByRole('button', { name: /message/ }).first().waitFor()
    await page.getByRole('radiogroup', { name: 'Show as' }).getByText('Text').click()
    assert.equal(JSON.parse(await page.getByRole('textbox', { name: 'The journey as text' }).inputValue()).nodes.length, 1)
    await page.reload()
    await settled(page)
    assert.equal(JSON.parse(await page.getByRole('textbox', { name: 'The journey as text' }).inputValue()).trigger.event, event)

    // One person through it: what would be said to them, and why.
    await page.getByRole('link', { name: 'Simulate' }).click()
    await page.getByRole('button', { name: 'Simulate' }).click()
    await page.getByText('Enters the journey').waitFor()
    await page.getByText(/Would go out: receipt/).waitFor()

    // What really happened: one person asked for it before.
    await page.getByRole('link', { name: 'Rehearse' }).click()
    await page.getByRole('button', { name: 'Rehearse', exact: true }).click()
    await page.getByText('Would have entered').waitFor({ timeout: 120_000 })
    await page.getByText('of one for whom it happened').waitFor()
    await page.getByRole('region', { name: 'Who would have come how far' }).getByText('1 sent').first().waitFor()
    assert.equal((await c.ask('GET', `/decisions?journey=catalogue-${stamp}`)).body.items.length, 0)

    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL(new RegExp(`/journeys/catalogue-${stamp}`))
    await page.getByRole('heading', { name: title }).waitFor()

    assert.equal((await ask('now')).status, 200)
    const mail = await until('the mail', async () => (await c.ask('GET', '/mails?limit=50')).body.items.find((m) => m.to[0].includes(`now.${stamp}`)))
    await page.goto(`${c.url}/mailbox/${mail.id}`)
    await page.getByText(`Your order C-${stamp}`).first().waitFor()
    const { items } = (await c.ask('GET', `/decisions?journey=catalogue-${stamp}`)).body
    assert.deepEqual(items.map((d) => d.outcome ?? d.decision?.outcome), ['send'])
    await page.goto(`${c.url}/ledger?journey=catalogue-${stamp}`)
    await settled(page)
    await page.getByText('Gerda').first().waitFor()

    // A second version, compared with the first; then gone.
    const body = (await c.ask('GET', `/specs/journey/catalogue-${stamp}`)).body.body
    await c.ask('PUT', `/specs/journey/catalogue-${stamp}`, { ...body, nodes: [...body.nodes, { id: 'rest', wait: '1d' }] })
    await page.goto(`${c.url}/journeys/catalogue-${stamp}?view=versions`)
    await page.getByRole('region', { name: 'What differs' }).getByRole('button', { name: /Wait 1 day.*Added/s }).waitFor()
    await c.ask('DELETE', `/specs/journey/catalogue-${stamp}`)
    await leave(page)
  })

  it('opens what is called like a page or a question', async () => {
    const body = { trigger: { event: 'Order Completed' }, nodes: [{ id: 'rest', wait: '1d' }] }
    const made = [['journey', 'new', body], ['journey', 'rehearsals', body], ['segment', 'values', { rule: 'known' }], ['template', 'new', { channel: 'sms', text: 'Hello.' }],
      ['broadcast', 'new', { segment: 'regulars', message: { channel: 'email', purpose: 'stories', template: 'welcome' } }]]
    for (const [kind, name, doc] of made) assert.equal((await c.ask('PUT', `/specs/${kind}/${name}`, { ...doc, title: `Called ${name}, a ${kind}` })).status, 200, `${kind} ${name}`)
    const page = await enter(c.browser, c.url)
    for (const [kind, name] of made) {
      await page.goto(`${c.url}/${kind}s/${name}`)
      await settled(page)
      await page.getByRole('heading', { name: `Called ${name}, a ${kind}` }).waitFor()
    }
    for (const [kind, name] of made) assert.equal((await c.ask('DELETE', `/specs/${kind}/${name}`)).status, 204)
    await leave(page)
  })

  it('keeps a draft, also over a reload, when a colleague saves the journey meanwhile', async () => {
    const name = `shared-${Date.now()}`
    const doc = { title: 'Shared', trigger: { event: 'Signed Up' }, nodes: [{ id: 'rest', wait: '1d' }] }
    const put = async (body) => assert.equal((await c.ask('PUT', `/specs/journey/${name}`, body)).status, 200)
    await put(doc)
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/journeys/${name}?view=edit&as=text`)
    await settled(page)
    const text = page.getByRole('textbox', { name: 'The journey as text' })
    const title = async () => JSON.parse(await text.inputValue()).title
    // Who has changed nothing follows what others save.
    await put({ ...doc, title: 'Theirs first' })
    await until('the page to follow', async () => (await title()) === 'Theirs first')
    await text.fill(JSON.stringify({ ...doc, title: 'Mine' }))
    await put({ ...doc, title: 'Theirs', nodes: [{ id: 'rest', wait: '2d' }] })
    const notice = page.locator('main').getByRole('alert').filter({ hasText: 'has saved version 3' })
    await notice.waitFor()
    await page.reload()
    await settled(page)
    await notice.waitFor()
    assert.equal(await title(), 'Mine')
    await page.getByRole('button', { name: 'Look at theirs' }).click()
    const both = page.getByRole('dialog')
    await both.getByText('~ title: "Theirs" -> "Mine"').waitFor()
    await both.getByRole('region', { name: 'What differs' }).getByText('Changed').first().waitFor()
    await both.getByRole('button', { name: 'Save mine over it' }).click()
    await both.waitFor({ state: 'hidden' }) // the page knows that it is saved, and lets go of the draft
    await until('mine to be saved over theirs', async () => (await c.ask('GET', `/specs/journey/${name}`)).body.body.title === 'Mine')
    await page.goto(`${c.url}/journeys/${name}?view=edit&as=text`)
    await settled(page)
    await page.getByText('No changes').waitFor()
    await c.ask('DELETE', `/specs/journey/${name}`)
    await leave(page)
  })
})
