// A segment, built by clicking and by writing.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { area, enter, leave, settled, sizes, until } from './lib.mjs'

const text = (page) => page.getByRole('textbox', { name: 'As text' }).first()

/** Adds a condition to the outermost group. */
async function add(page, kind) {
  await page.getByRole('group', { name: 'Who belongs' }).getByRole('button', { name: 'Add a condition' }).last().click()
  await page.getByRole('menuitem', { name: kind, exact: true }).click()
}

area('segments', (c) => {
  it('builds a rule by clicking, counts while it is built, keeps both forms in step and saves with a plan', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/segments`)
    await settled(page)
    await page.getByRole('button', { name: 'New segment' }).click()
    await add(page, 'Orders')
    await until('the text to follow the builder', async () => (await text(page).inputValue()) === 'orders.count >= 1')
    await page.getByTestId('preview-count').waitFor()

    // An event that this brand really sends is offered by name, its property too.
    await add(page, 'Did')
    const did = page.getByRole('group', { name: 'Condition 2' })
    await did.getByRole('textbox', { name: 'Event', exact: true }).fill('Product V')
    await page.getByRole('option', { name: 'Product Viewed' }).click()
    await did.getByRole('button', { name: 'Not' }).click()
    await until('the condition to be turned round', async () => (await text(page).inputValue()) === 'orders.count >= 1 and did not "Product Viewed" within 30d')

    // The other way round: what is written shows in the builder.
    await text(page).fill('known and (orders.revenue > 50 or in segment "regulars")')
    const inner = page.getByRole('group', { name: 'Group 2' }).getByRole('group', { name: 'Condition 2' })
    await inner.waitFor()
    assert.equal(await inner.getByRole('textbox', { name: 'Segment', exact: true }).inputValue(), 'Regulars')
    const before = await text(page).inputValue()
    await page.getByRole('button', { name: 'Move condition 2 up' }).first().click()
    await until('the group to come first', async () => (await text(page).inputValue()) !== before && (await text(page).inputValue()).startsWith('(orders.revenue > 50'))

    // A mistake says where it is, and nothing can be saved.
    await text(page).fill('did "A" and\nat 3')
    await page.getByText(/line 2, column 1/).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Show what would change' }).isDisabled())

    const title = `Test ${Date.now()}`
    await text(page).fill('known')
    await page.getByRole('textbox', { name: 'Title' }).fill(title)
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL(/\/segments\/test-\d+/)
    await page.getByRole('heading', { name: title }).waitFor()
    await c.ask('DELETE', `/specs/segment/${new URL(page.url()).pathname.split('/').pop()}`)
    await leave(page)
  })

  it('shows how segments overlap, also on a phone', async () => {
    const page = await enter(c.browser, c.url, { size: sizes.phone })
    await page.goto(`${c.url}/segments?overlap=regulars,quiet`)
    await settled(page)
    const table = page.getByRole('list', { name: 'Who is in exactly which of the segments' }) // its table, on a phone
    await table.waitFor()
    const both = (await c.ask('POST', '/segments/overlap', { segments: ['regulars', 'quiet'] })).body
    assert.equal(await table.getByRole('listitem').count(), both.parts.length)
    const picture = page.getByRole('img', { name: /Segments and their combinations, drawn/ })
    const { x, width } = await picture.boundingBox()
    assert.ok(x >= 0 && x + width <= sizes.phone.width, 'the picture keeps within the phone')
    // A number leads to its people.
    await table.getByRole('link').first().click()
    await page.waitForURL(/\/people\?rule=/)
    // The brand's customers live on meanwhile, so that it may be one more or less by now.
    await until('the page to say how many they are', async () => {
      const now = (await c.ask('POST', '/segments/overlap', { segments: ['regulars', 'quiet'] })).body
      const text = await page.locator('main').innerText()
      return [both.parts[0], ...now.parts].some((p) => new RegExp(`\\b${p.people.toLocaleString('en')}\\b`).test(text))
    }, 20)
    await leave(page)
  })

  it('tells somebody who edits what a colleague saves meanwhile, and overwrites nothing before they say so', async () => {
    const name = `shared-${Date.now()}`
    assert.equal((await c.ask('PUT', `/specs/segment/${name}`, { title: 'Shared', rule: 'known' })).status, 200)
    const title = (page) => page.getByRole('textbox', { name: 'Title' })
    const notice = (page, words) => page.locator('main').getByRole('alert').filter({ hasText: words })
    const stored = async () => (await c.ask('GET', `/specs/segment/${name}`)).body
    const [ann, ben] = [await enter(c.browser, c.url), await enter(c.browser, c.url)]
    for (const page of [ann, ben]) {
      await page.goto(`${c.url}/segments/${name}?edit=1`)
      await settled(page)
      await page.getByText('As text').first().waitFor()
    }
    await title(ann).fill('By Ann')
    await title(ben).fill('By Ben')
    await ben.getByRole('button', { name: 'Show what would change' }).click()
    await ben.getByRole('button', { name: 'Save', exact: true }).click()
    await ben.getByRole('heading', { name: 'By Ben' }).waitFor()

    // Before Ann presses anything she is told; what she wrote is still there, and she sees what is different.
    await notice(ann, 'has saved version 2').waitFor()
    assert.equal(await title(ann).inputValue(), 'By Ann')
    assert.ok(await ann.getByRole('button', { name: 'Show what would change' }).isDisabled())
    await ann.getByRole('button', { name: 'Look at theirs' }).click()
    const both = ann.getByRole('dialog')
    await both.getByText('~ title: "By Ben" -> "By Ann"').waitFor()
    await both.getByRole('button', { name: 'Keep writing' }).click()
    await ann.getByRole('button', { name: 'Save mine over it' }).click()
    await ann.getByRole('heading', { name: 'By Ann' }).waitFor()
    assert.deepEqual([(await stored()).version, (await stored()).body.title], [3, 'By Ann'])

    // The other way round: theirs instead of one's own.
    await ben.goto(`${c.url}/segments/${name}?edit=1`)
    await title(ben).fill('Never mind')
    await c.ask('PUT', `/specs/segment/${name}`, { title: 'By a colleague', rule: 'known and orders.count > 1' })
    await ben.getByRole('button', { name: 'Look at theirs' }).click()
    await ben.getByRole('dialog').getByRole('button', { name: 'Take theirs' }).click()
    await until('theirs to be in the form', async () => await title(ben).inputValue() === 'By a colleague' && await text(ben).inputValue() === 'known and orders.count > 1')
    assert.equal(await notice(ben, 'has saved').count(), 0)

    // A page that hears of nothing is refused by the server, and finds out then.
    await ann.route('**/api/v1/changes*', (route) => route.abort())
    await ann.goto(`${c.url}/segments/${name}?edit=1`)
    await settled(ann)
    await title(ann).fill('Too late')
    await c.ask('PUT', `/specs/segment/${name}`, { title: 'Sooner', rule: 'known' })
    await ann.getByRole('button', { name: 'Show what would change' }).click()
    await notice(ann, 'has saved version 5').waitFor()
    assert.equal((await stored()).body.title, 'Sooner')
    assert.equal(await title(ann).inputValue(), 'Too late')

    // What is deleted meanwhile can be made again. A form in which nothing was written follows what others save.
    await until('what came meanwhile to be in the form', async () => await title(ben).inputValue() === 'Sooner')
    await title(ben).fill('Back again')
    await c.ask('DELETE', `/specs/segment/${name}`)
    await notice(ben, 'has deleted this').waitFor()
    await ben.getByRole('button', { name: 'Create mine again' }).click()
    await until('it to be back', async () => (await stored()).body?.title === 'Back again')
    await c.ask('DELETE', `/specs/segment/${name}`)
    ann.broken = ann.broken.filter((b) => !/ERR_FAILED/.test(b)) // the stream that was cut
    await leave(ann)
    await leave(ben)
  })
})
