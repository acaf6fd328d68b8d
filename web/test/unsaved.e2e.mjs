// What is not saved is not lost without a question.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled } from './lib.mjs'

area('unsaved', (c) => {
  /** Each editor, and how to change something in it. */
  const editors = [
    ['/templates/welcome?tab=write', 'Subject'],
    ['/rules/rule/~new', 'Title'],
    ['/broadcasts/~new', 'Name'],
    ['/segments/regulars?edit=1', 'Title'],
  ]
  for (const [route, label] of editors) {
    it(`asks before ${route} is left`, async () => {
      const page = await enter(c.browser, c.url)
      const links = page.getByRole('navigation', { name: 'Work' })
      const question = page.getByRole('dialog', { name: 'Leave without saving?' })
      await page.goto(c.url + route)
      await settled(page)
      const field = page.getByRole('textbox', { name: label, exact: true })
      await field.fill('Not yet said')
      await links.getByRole('link', { name: 'Journeys' }).click()
      await question.getByRole('button', { name: 'Cancel' }).click()
      await question.waitFor({ state: 'hidden' })
      assert.equal(await field.inputValue(), 'Not yet said')
      await links.getByRole('link', { name: 'Ledger' }).click()
      await question.getByRole('button', { name: 'Leave' }).click()
      await page.waitForURL(/\/ledger$/)
      await leave(page)
    })
  }

  it('asks before the back button leads away', async () => {
    const page = await enter(c.browser, c.url)
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await page.getByRole('navigation', { name: 'Work' }).getByRole('link', { name: 'Broadcasts' }).click()
    await page.getByRole('link', { name: 'New broadcast' }).click()
    const field = page.getByRole('textbox', { name: 'Name', exact: true })
    await field.fill('Not yet said')
    await page.evaluate(() => history.back())
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'hidden' })
    assert.equal(await field.inputValue(), 'Not yet said')
    await page.evaluate(() => history.back())
    await question.getByRole('button', { name: 'Leave' }).click()
    await page.waitForURL(/\/broadcasts$/)
    await leave(page)
  })

  it('asks before another document of the configuration is opened', async () => {
    const page = await enter(c.browser, c.url)
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await page.goto(`${c.url}/settings/configuration?kind=segment&name=regulars`)
    const documents = page.getByRole('navigation', { name: 'Documents' })
    const text = page.getByRole('textbox', { name: 'The text of regulars' })
    await text.fill(`${await text.inputValue()}\n# Not yet said\n`)
    await documents.getByRole('link', { name: /welcome/i }).first().click()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'hidden' })
    assert.match(await text.inputValue(), /Not yet said/)
    await documents.getByRole('button', { name: 'New' }).click()
    await page.getByRole('menuitem', { name: /^Segment/ }).click()
    await question.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('textbox', { name: /^The text of a new/ }).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForURL(/\/settings\/configuration$/)
    await leave(page)
  })

  it('asks nothing where nothing was changed', async () => {
    const page = await enter(c.browser, c.url)
    for (const [route] of editors) {
      await page.goto(c.url + route)
      await settled(page)
      await page.getByRole('navigation', { name: 'Work' }).getByRole('link', { name: 'Journeys' }).click()
      await page.waitForURL(/\/journeys$/)
    }
    await leave(page)
  })
})
