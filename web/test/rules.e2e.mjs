// Relationship rules: a change shows what it would have done before it is saved, and holds afterwards.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled, until, viewer } from './lib.mjs'

area('rules', (c) => {
  it('shows what a tighter cap would have done to the last 30 days, saves it, and takes it away again', async () => {
    const sent = (await c.ask('GET', '/decisions/counts?outcome=send')).body.counts.reduce((n, x) => n + x.count, 0)
    assert.ok(sent > 0, 'something was sent')
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/rules/cap`)
    await page.getByRole('link', { name: 'New cap' }).click()
    await page.getByRole('textbox', { name: 'Title' }).fill('One a month')
    await page.getByLabel('At most').fill('1')
    await page.getByLabel('Within').fill('30')
    const panel = page.locator('section.panel').filter({ hasText: 'What it would have done' })
    await panel.getByText(/decisions? would have been (others|another|the same)/).waitFor()
    await panel.getByText('Made again from the inputs on record').waitFor()
    const draft = { changes: [{ kind: 'cap', name: 'one-a-month', body: { title: 'One a month', max: 1, per: '30d', classes: ['marketing', 'survey', 'community'] } }] }
    const h = (await c.ask('POST', '/policy/rehearse', draft)).body
    assert.ok(h.decisions > 0 && h.rate === 1 && h.lines.length, JSON.stringify(h).slice(0, 300))
    assert.equal(h.lines.reduce((n, l) => n + l.recorded, 0), h.decisions)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/\/rules\/cap\/one-a-month$/)
    const saved = (await c.ask('GET', '/specs/cap/one-a-month')).body
    assert.equal(saved.body.max, 1)
    assert.equal(saved.body.per, '30d')
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('This is what taking it away would have done').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(/\/rules\/cap$/)
    await until('the server has taken it away', async () => (await c.ask('GET', '/specs/cap/one-a-month')).status === 404, 10) // the list is shown before it has
    await leave(page)
  })

  it('says what is wrong with a draft instead of rehearsing it', async () => {
    const bad = await c.ask('POST', '/policy/rehearse', { changes: [{ kind: 'quiet_hours', name: 'nights', body: { from: '25:00', to: '08:00' } }] })
    assert.equal(bad.status, 422)
    assert.match(JSON.stringify(bad.body), /not a time of day/)
  })

  it('shows a viewer the rules and no way to change them', async () => {
    const page = await enter(c.browser, c.url, { who: viewer })
    await page.goto(`${c.url}/rules/purpose`)
    await settled(page)
    assert.equal(await page.getByRole('link', { name: 'New purpose' }).count(), 0)
    await page.getByRole('table').getByRole('link').first().click()
    await page.getByRole('textbox', { name: 'Title' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
    assert.ok(await page.getByRole('textbox', { name: 'Title' }).isDisabled())
    await leave(page)
  })

  it('reads and writes topics', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/rules/topics`)
    await page.getByRole('textbox', { name: 'Topics' }).fill('weaving')
    await page.keyboard.press('Enter')
    // What there was to choose about is said before it is saved.
    const change = page.getByRole('region', { name: 'weaving' })
    await change.getByText('No message of the last 30 days was about it.').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await until('the topic is kept', async () => {
      const brand = (await c.ask('GET', '/specs?kind=brand')).body.items[0]
      return brand.body.topics?.includes('weaving')
    }, 15)
    await leave(page)
  })

  it('saves over what a colleague saved only when told to, and undoing brings theirs back', async () => {
    const name = `shared-${Date.now()}`
    const put = (max) => c.ask('PUT', `/specs/cap/${name}`, { title: 'Shared', max, per: '30d' })
    const max = async () => (await c.ask('GET', `/specs/cap/${name}`)).body.body.max
    await put(90)
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/rules/cap/${name}`)
    await settled(page)
    await page.getByLabel('At most').fill('91')
    await put(92)
    await page.locator('main').getByRole('alert').filter({ hasText: 'has saved version 2' }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled())
    assert.equal(await page.getByLabel('At most').inputValue(), '91')
    await page.getByRole('button', { name: 'Save mine over it' }).click()
    await until('mine to be saved', async () => (await max()) === 91)
    await page.getByRole('button', { name: 'Undo' }).click()
    await until('theirs to be back', async () => (await max()) === 92)
    await c.ask('DELETE', `/specs/cap/${name}`)
    await leave(page)
  })
})
