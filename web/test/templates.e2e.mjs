// A mail, drawn and written, read as a customer, checked, tried and saved.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wrong } from './axe.mjs'
import { area, enter, leave, settled, sizes, until, viewer } from './lib.mjs'

const letter = (page) => page.frameLocator('.letter-frame:not(.thumb) iframe')

/** Nothing that axe finds wrong at both widths. Mails are shown in frames, and what they look like is their author's. */
async function accessible(page) {
  for (const size of [sizes.phone, sizes.desktop]) {
    await page.setViewportSize(size)
    assert.deepEqual(await wrong(page), [], `${page.url()} ${size.width}`)
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
    await until('a trait is offered', async () => { // the names of traits may come after the first dot
      await page.keyboard.press('Backspace')
      await page.keyboard.type('.')
      return page.locator('.cm-tooltip-autocomplete').getByText('first_name', { exact: true }).waitFor({ timeout: 3000 }).then(() => true)
    }, 30)
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
      for (const title of await page.locator('.gjs-sm-sector-title:visible').all()) {
        await title.focus()
        await page.keyboard.press('Enter')
        await accessible(page)
      }
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

  it('is drawn by keys alone: parts are found, added, written, moved into other columns, doubled, deleted and brought back', async () => {
    const name = `keys-${Date.now()}`
    const text = (words) => `<mj-text>${words}</mj-text>`
    const mjml = `<mjml><mj-body><mj-section><mj-column>${text('First')}${text('Second')}</mj-column><mj-column>${text('Third')}</mj-column></mj-section>
      <mj-section><mj-column><mj-button href="https://example.com/">Go</mj-button></mj-column></mj-section></mj-body></mjml>`
    assert.equal((await c.ask('PUT', `/specs/template/${name}`, { channel: 'email', subject: 'Keys', mjml, html: '<p>First</p>' })).status, 200)
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/templates/${name}?tab=draw`)
    await page.getByRole('tree').waitFor({ timeout: 30_000 })
    // No faster than the page's own timers, which keys go ahead of on a busy machine: the library's undo takes what was done
    // in one breath for one step.
    const press = async (...keys) => {
      for (const key of keys) {
        await page.keyboard.press(key)
        await page.evaluate(() => new Promise((done) => setTimeout(done, 5)))
      }
    }
    const to = async (selector, key = 'Tab') => {
      for (let i = 0; !await page.evaluate((s) => document.activeElement.matches(s), selector); i++) {
        assert.ok(i < 80, `${key} does not lead to ${selector}`)
        await press(key)
      }
    }
    const says = (words) => page.getByRole('status').filter({ hasText: words }).waitFor({ state: 'attached' })
    const at = (words) => until(`the focus to be at ${words}`, () => page.evaluate((w) => document.activeElement.matches('[role=treeitem]') && document.activeElement.innerText.includes(w), words), 10)
    const canvas = page.frameLocator('.gjs-frame')

    await to('[role=treeitem]')
    await press('ArrowDown', 'ArrowRight', 'ArrowRight')
    await at('First')
    await press('Insert')
    await to('.gjs-block[title=Text]')
    await press('Enter')
    await says('Text added: 2 of 3 in Column 1, Section 1')
    await at('Text')
    await press('F2')
    await canvas.locator('[contenteditable=true]').waitFor()
    await press('Control+a')
    await page.keyboard.type('Fourth')
    await to('.gjs-rte-action[title=Bold]') // its tools come after it
    await press('Escape')
    await at('Fourth')
    await canvas.locator('[contenteditable=true]').waitFor({ state: 'detached' })
    await press('Alt+ArrowUp')
    await says('Text moved: now 1 of 3 in Column 1, Section 1')
    await press('Alt+ArrowUp')
    await says('Not possible here')
    await press('Alt+ArrowRight')
    await says('Text moved: now 1 of 2 in Column 2, Section 1')
    await press('Alt+ArrowDown')
    await says('Text moved: now 2 of 2 in Column 2, Section 1')
    await at('Fourth')

    await press('Control+d')
    await says('Text added: 3 of 3 in Column 2, Section 1')
    await press('Control+z')
    await says('Undone')
    assert.equal(await page.getByRole('treeitem', { name: 'Fourth' }).count(), 1)
    await press('End', 'Delete')
    await says('Button deleted')
    await canvas.getByText('Go', { exact: true }).waitFor({ state: 'detached' })
    await press('Control+z')
    await canvas.getByText('Go', { exact: true }).waitFor()
    await press('Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown')
    await at('Second')
    await press('Delete')
    await says('Text deleted')
    await press('End', 'ArrowLeft', 'ArrowLeft', 'Alt+ArrowUp')
    await says('Section moved: now 1 of 2 in the mail')

    // Enter leads to the settings of what is selected, Escape back.
    await press('ArrowRight', 'ArrowRight')
    await at('Go')
    await press('Enter')
    await to('.gjs-trt-trait input')
    await press('Control+a')
    await page.keyboard.type('https://example.com/elsewhere')
    await press('Escape')
    await at('Go')

    await to('button:not([disabled]):not([aria-label])', 'Shift+Tab')
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Save')
    await press('Enter')
    await page.getByText('The template is saved.').waitFor()
    const { body } = (await c.ask('GET', `/specs/template/${name}`)).body
    assert.match(body.mjml, /<mj-section[^]*elsewhere[^]*Go[^]*<mj-section[^]*First[^]*<mj-column[^]*Third[^]*Fourth/)
    assert.doesNotMatch(body.mjml, /Second/)
    assert.match(body.html, /Third[^]*Fourth/)
    assert.equal((await c.ask('DELETE', `/specs/template/${name}`)).status, 204)
    await leave(page)
  })

  it('is given colours by keys alone, those of the brand at hand', async () => {
    const name = `colours-${Date.now()}`
    const mjml = '<mjml><mj-body><mj-section><mj-column><mj-text>First</mj-text><mj-button background-color="#0f5c5c" href="https://example.com/">Go</mj-button></mj-column></mj-section></mj-body></mjml>'
    assert.equal((await c.ask('PUT', `/specs/template/${name}`, { channel: 'email', subject: 'Colours', mjml, html: '<p>First</p>' })).status, 200)
    for (const [locale, words] of [['en-GB', { text: /^Text colour/, saturation: 'Saturation and brightness', hue: 'Hue' }], ['de-DE', { text: /^Textfarbe/, saturation: 'Sättigung und Helligkeit', hue: 'Farbton' }]]) {
      const page = await enter(c.browser, c.url, { locale })
      await page.goto(`${c.url}/templates/${name}?tab=draw`)
      await page.getByRole('tree').waitFor({ timeout: 30_000 })
      const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key) }
      const to = async (target, key = 'Tab') => {
        for (let i = 0; !await target.evaluateAll((all) => all.includes(document.activeElement)); i++) {
          assert.ok(i < 60, `${key} does not lead to ${target}`)
          await press(key)
        }
      }
      const written = page.frameLocator('.gjs-frame').getByText('First')
      const colour = () => written.evaluate((e) => getComputedStyle(e).color)
      const rgb = (hex) => `rgb(${[1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(', ')})`
      await to(page.getByRole('treeitem'))
      await press('ArrowDown', 'ArrowRight', 'ArrowRight')
      const button = page.getByRole('button', { name: words.text })
      await to(button)
      await press('Enter')
      const field = page.getByRole('dialog').getByRole('textbox')
      await until('the focus to be in the field', () => field.evaluate((e) => e === document.activeElement), 10)
      await accessible(page)
      await press('Control+a')
      await page.keyboard.type('#884400')
      await until('what is typed to count', async () => (await colour()) === rgb('#884400'), 20)
      await to(page.getByRole('slider', { name: words.saturation }))
      await press('ArrowDown')
      await until('the slider to count', async () => (await colour()) !== rgb('#884400'), 20)
      await to(page.getByRole('slider', { name: words.hue }))
      await to(page.getByRole('dialog').getByRole('button', { name: '#0f5c5c' }))
      await press('Enter')
      await until('the colour of the brand', async () => (await colour()) === rgb('#0f5c5c'), 20)
      await press('Escape')
      await until('the focus to be back', () => button.evaluate((e) => e === document.activeElement), 10)
      assert.match(await button.getAttribute('aria-label'), /#0f5c5c/)
      await accessible(page)
      if (locale === 'en-GB') {
        await page.getByRole('button', { name: 'Save', exact: true }).click()
        await page.getByText('The template is saved.').waitFor()
        assert.match((await c.ask('GET', `/specs/template/${name}`)).body.body.mjml, /<mj-text[^>]* color="#0f5c5c"[^>]*>First/)
        await c.ask('PUT', `/specs/template/${name}`, { channel: 'email', subject: 'Colours', mjml, html: '<p>First</p>' })
      }
      await page.close()
    }
    await c.ask('DELETE', `/specs/template/${name}`)
  })

  it('keeps what is being drawn when a colleague saves, and what was drawn last is saved too', async () => {
    const name = `both-${Date.now()}`
    const letterOf = (words) => ({ channel: 'email', subject: 'Both', mjml: `<mjml><mj-body><mj-section><mj-column><mj-text>${words}</mj-text></mj-column></mj-section></mj-body></mjml>`, html: `<p>${words}</p>` })
    const put = async (words) => assert.equal((await c.ask('PUT', `/specs/template/${name}`, letterOf(words))).status, 200)
    const stored = async () => (await c.ask('GET', `/specs/template/${name}`)).body
    await put('At first')
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/templates/${name}?tab=draw`)
    const canvas = page.frameLocator('.gjs-frame')
    const part = page.getByRole('treeitem', { name: /^Text/ }).first()
    await part.waitFor({ timeout: 30_000 })
    const write = async (words) => {
      await part.click()
      await page.keyboard.press('F2')
      await canvas.locator('[contenteditable=true]').waitFor()
      await page.keyboard.press('Control+a')
      await page.keyboard.type(words)
    }

    // Whoever has changed nothing sees what others save.
    await put('By a colleague')
    await canvas.getByText('By a colleague').waitFor()

    // Who is writing goes on writing, and decides when that is done.
    await write('Mine')
    await put('Theirs')
    await page.getByRole('alert').filter({ hasText: 'has saved version 3' }).waitFor()
    await page.keyboard.type(' too')
    assert.equal(await canvas.getByText('Mine too').count(), 1)
    await page.keyboard.press('Escape')
    await page.getByRole('treeitem', { name: 'Mine too' }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled())
    await page.getByRole('button', { name: 'Look at theirs' }).click()
    await page.getByRole('dialog').getByText(/Theirs/).first().waitFor()
    await accessible(page)
    await page.getByRole('dialog').getByRole('button', { name: 'Save mine over it' }).click()
    await until('mine to be saved', async () => (await stored()).version === 4)
    assert.match((await stored()).body.mjml, />Mine too</)

    // Saving leaves the board as it is; what was drawn a moment ago is in it, and its HTML with it.
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await canvas.getByText('By a colleague').waitFor()
    await page.getByRole('button', { name: 'Redo', exact: true }).click()
    await part.click()
    await page.keyboard.press('Control+d')
    const save = page.getByRole('button', { name: 'Save', exact: true })
    await until('it to be worth saving', () => save.isEnabled())
    await page.keyboard.press('Control+d')
    await save.click()
    await until('all three to be saved', async () => (await stored()).version === 5)
    assert.equal((await stored()).body.mjml.split('Mine').length, 4)
    assert.equal((await stored()).body.html.split('>Mine too<').length, 4)

    // Theirs instead of mine.
    await write('Never mind')
    await page.keyboard.press('Escape')
    await put('Better')
    await page.getByRole('button', { name: 'Look at theirs' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take theirs' }).click()
    await canvas.getByText('Better').waitFor()
    assert.equal(await page.getByRole('alert').filter({ hasText: 'has saved' }).count(), 0)
    assert.equal((await c.ask('DELETE', `/specs/template/${name}`)).status, 204)
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
