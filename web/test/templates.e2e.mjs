// A mail, drawn and written, read as a customer, checked, tried and saved.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { area, enter, leave, settled, sizes, until, viewer } from './lib.mjs'

const letter = (page) => page.frameLocator('.letter-frame:not(.thumb) iframe')

/** Nothing that axe finds wrong at both widths. Mails are shown in frames, and what they look like is their author's. */
async function accessible(page) {
  for (const size of [sizes.phone, sizes.desktop]) {
    await page.setViewportSize(size)
    const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze()
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].target.join(' ')}`), [], `${page.url()} ${size.width}`)
  }
}

area('templates', (c) => {
  it('is written in MJML with traits completed, read as a customer, checked, tried and saved', async () => {
    const page = await enter(c.browser, c.url)
    const name = `news-${Date.now()}`
    await page.goto(`${c.url}/templates`)
    await settled(page)
    await page.getByRole('link', { name: 'New template' }).first().click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
    await page.getByLabel('Subject').first().fill('For {{ person.first_name | default: "you" }}')
    await letter(page).getByText(/Hello you/).waitFor()

    // The code: a trait is completed, the HTML follows what is written.
    await page.getByRole('link', { name: 'MJML' }).click()
    const code = page.locator('.cm-content')
    await code.click()
    await page.getByText('say here what you have to say').click()
    await page.keyboard.press('End')
    await page.keyboard.type(' {{ person.')
    await page.locator('.cm-tooltip-autocomplete').getByText('first_name', { exact: true }).waitFor()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(`<mjml><mj-body><mj-section><mj-column>
      <mj-text>{{ person.email }} reads this</mj-text><mj-image src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" />
      <mj-text><a href="/nowhere">x</a> {{ person.shoe_size_ }}</mj-text>
    </mj-column></mj-section></mj-body></mjml>`)
    await page.getByRole('link', { name: 'Preview' }).click()
    const checks = page.getByRole('list', { name: 'Before it is used' })
    for (const what of ['Missing alt text', 'Broken link', 'Unknown variable', 'No way out']) await checks.getByText(what, { exact: true }).waitFor()

    // As one customer, on a phone, in the dark, as text.
    await page.getByRole('textbox', { name: 'Person', exact: true }).click()
    await page.getByRole('option').first().click()
    await letter(page).getByText(/@.+ reads this/).waitFor()
    await page.getByText('Phone', { exact: true }).click()
    assert.equal(await page.locator('.letter-frame.phone iframe').evaluate((f) => f.clientWidth), 375)
    await page.getByText('Dark', { exact: true }).click()
    await until('the mail to be dark', () => page.locator('.letter-frame iframe').evaluate((f) => f.style.colorScheme === 'dark'))
    await page.getByText('Text', { exact: true }).click()
    await page.locator('pre').getByText(/reads this/).waitFor()
    await accessible(page)

    // A test goes to whoever writes it, and to nobody's ledger.
    await page.getByRole('button', { name: 'Send a test' }).click()
    const to = `${name}@lumen.example`
    await page.getByRole('dialog').getByLabel('To').fill(to)
    await page.getByRole('dialog').getByRole('button', { name: 'Send it' }).click()
    await page.getByText(`Sent to ${to}.`).waitFor()
    const mail = await until('the test to be in the mailbox', async () => (await c.ask('GET', '/mails?limit=50')).body.items.find((m) => m.to.includes(to)))
    assert.match(mail.subject, /^\[Test\] For /)
    const logged = (await c.ask('GET', '/audit?action=template.test')).body.items[0]
    assert.equal(logged.target, `template ${name}`)

    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The template is saved.').waitFor()
    const { body } = (await c.ask('GET', `/specs/template/${name}`)).body
    assert.match(body.mjml, /<mj-image/)
    assert.match(body.html, /<img/)
    await page.getByRole('link', { name: 'Versions' }).click()
    await page.getByText(/version 1/).first().waitFor()
    assert.equal((await c.ask('DELETE', `/specs/template/${name}`)).status, 204)
    await leave(page)
  })

  it('is drawn: a block is dragged in, and the mail has it', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/templates/~new?tab=draw`)
    const canvas = page.frameLocator('.gjs-frame')
    await canvas.getByText('Have a look').waitFor({ timeout: 30_000 })
    const block = page.locator('.gjs-block', { hasText: 'Divider' }).first()
    const drag = async () => {
      await block.scrollIntoViewIfNeeded()
      const from = await block.boundingBox()
      const frame = await page.locator('.gjs-frame').boundingBox()
      const over = await canvas.getByText('say here what you have to say').boundingBox()
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await page.mouse.down()
      await page.mouse.move(frame.x + 300, frame.y + 60, { steps: 8 })
      await page.mouse.move(over.x + 60, over.y + over.height - 3, { steps: 8 })
      await page.waitForTimeout(150) // the board finds the place under the pointer a moment later
      await page.mouse.move(over.x + 61, over.y + over.height - 3)
      await page.mouse.up()
    }
    await until('the mail to have a divider', async () => {
      await drag()
      await page.getByRole('link', { name: 'MJML' }).click()
      await page.locator('.cm-content').waitFor()
      if ((await page.locator('.cm-content').innerText()).includes('mj-divider')) return true
      await page.getByRole('link', { name: 'Design' }).click()
      await canvas.getByText('say here what you have to say').waitFor({ timeout: 30_000 })
      return false
    })
    await leave(page)
  })

  it('is drawn without a mouse, on a board that passes axe', async () => {
    const page = await enter(c.browser, c.url, { scheme: 'dark' })
    await page.goto(`${c.url}/templates/~new?tab=draw`)
    const canvas = page.frameLocator('.gjs-frame')
    await canvas.getByText('Have a look').waitFor({ timeout: 30_000 })
    await accessible(page)
    // What is selected, and what its settings are, changes the board.
    await canvas.getByText('Have a look').click()
    const views = page.locator('.gjs-pn-views').getByRole('button')
    for (let i = 0; i < await views.count(); i++) {
      await views.nth(i).focus()
      await page.keyboard.press('Enter')
      await accessible(page)
    }
    await page.getByRole('button', { name: 'Open Blocks' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Divider' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'MJML' }).click()
    await page.locator('.cm-content').waitFor()
    await until('the mail to have a divider', async () => (await page.locator('.cm-content').innerText()).includes('mj-divider'))
    await accessible(page)
    await leave(page)
  })

  it('is for a viewer to see on a list, not to read or change', async () => {
    const page = await enter(c.browser, c.url, { who: viewer })
    await page.goto(`${c.url}/templates/welcome`)
    await settled(page)
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
    assert.equal(await page.getByRole('link', { name: 'Design' }).count(), 0)
    await page.getByText("A preview shows a customer's data").waitFor()
    const refused = await page.evaluate(async () => (await fetch('/api/v1/templates/test', { method: 'POST', headers: { 'X-Heed-Console': '1', 'Content-Type': 'application/json' }, body: JSON.stringify({ body: { channel: 'email' }, to: 'a@b.example' }) })).status)
    assert.equal(refused, 403)
    await leave(page)
  })
})
