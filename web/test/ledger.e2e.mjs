// The ledger: filters in the address, counts that lead to the list, a decision under today's rules.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled } from './lib.mjs'

area('ledger', (c) => {
  it('filters by address, counts by reason, and the counts lead to the list', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/ledger?outcome=send`)
    await settled(page)
    const rows = page.getByRole('table', { name: 'Decisions' }).locator('tbody tr')
    assert.ok(await rows.count() > 0)
    for (const text of await rows.allInnerTexts()) assert.match(text, /Sent/)
    await page.goto(`${c.url}/ledger`)
    const counts = page.locator('section.panel').filter({ hasText: 'By reason' })
    await counts.getByRole('img').first().waitFor()
    await counts.locator('li a[href*="reason="]').first().click()
    await page.waitForURL(/reason=/)
    await settled(page)
    const reason = new URL(page.url()).searchParams.get('reason')
    const listed = (await c.ask('GET', `/decisions?reason=${reason}&limit=5`)).body.items
    assert.ok(listed.length && listed.every((d) => d.reason === reason))
    await page.getByLabel('From').fill('2999-01-01')
    await page.getByText('No decision fits').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.waitForURL((u) => !u.search.includes('since'))
    await leave(page)
  })

  it('makes a decision again under today’s rules and says what differs in plain words', async () => {
    const send = (await c.ask('GET', '/decisions?outcome=send&reason=OK&limit=1')).body.items[0]
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/decisions/${send.id}`)
    await page.getByText(/Today’s rules say the same|today it would be/).first().waitFor()
    const name = 'nothing-goes-by-this'
    assert.equal((await c.ask('PUT', `/specs/quiet_hours/${name}`, { from: '00:00', to: '23:59', purposes: [send.purpose] })).status, 200)
    try {
      await page.reload()
      await page.getByText('It was sent; today it would be held').waitFor()
      await page.getByText(name).first().waitFor()
    } finally {
      await c.ask('DELETE', `/specs/quiet_hours/${name}`)
    }
    await leave(page)
  })

  it('keeps a view with a link', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/ledger?outcome=hold`)
    await settled(page)
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name: 'Save this view' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('What waits')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'What waits' }).waitFor()
    await page.goto(`${c.url}/ledger`)
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name: 'What waits' }).click()
    await page.waitForURL(/outcome=hold/)
    await leave(page)
  })
})
