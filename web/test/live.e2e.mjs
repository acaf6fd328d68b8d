// Pages follow what others do, and small edits can be taken back.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wrong } from './axe.mjs'
import { area, enter, leave, settled, until } from './lib.mjs'

/** How often the page has asked for paths of the API that fit, from now on. */
function asked(page, fits) {
  const paths = []
  page.on('request', (r) => { if (fits.test(new URL(r.url()).pathname)) paths.push(new URL(r.url()).pathname) })
  return paths
}

area('live', (c) => {
  it('follows a change that somebody else makes, without a reload, and asks for nothing that has not changed', async () => {
    const page = await enter(c.browser, c.url)
    const streams = asked(page, /^\/api\/v1\/changes$/)
    await page.goto(`${c.url}/journeys/basket`)
    await settled(page)
    await page.getByText('Running', { exact: true }).first().waitFor()
    await page.evaluate(() => { window.still = true })
    assert.equal((await c.ask('POST', '/journeys/basket/pause')).status, 200)
    await page.getByText('Paused', { exact: true }).first().waitFor({ timeout: 10_000 })
    assert.equal((await c.ask('POST', '/journeys/basket/resume')).status, 200)
    await page.getByText('Running', { exact: true }).first().waitFor({ timeout: 10_000 })

    assert.equal(await page.evaluate(() => window.still), true, 'the page was loaded anew')

    // The brand's customers are at it all the time, but they save no views.
    await page.goto(`${c.url}/people`)
    await settled(page)
    const views = asked(page, /^\/api\/v1\/views$/)
    await page.waitForTimeout(4000)
    assert.equal(views.length, 0, 'views were asked for although none has changed')
    const name = `made elsewhere ${Date.now()}`
    const made = (await c.ask('POST', '/views', { page: 'people', name, query: 'stage=active', shared: true })).body
    await until('the page to ask for views', () => views.length === 1, 10)
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name }).waitFor()
    await c.ask('DELETE', `/views/${made.id}`)
    await page.getByRole('menuitem', { name }).waitFor({ state: 'detached', timeout: 10_000 })
    assert.ok(streams.length >= 1 && streams.length <= 3, `${streams.length} streams for two pages`)
    await leave(page)
  })

  it('shows a person what she has just done', async () => {
    const page = await enter(c.browser, c.url)
    const user = `live-${Date.now()}`
    const send = (event) => c.ask('POST', '/events', { events: [{ type: 'track', userId: user, event, properties: {} }] })
    await send('Account Created')
    const person = await until('the person to be there', async () => (await c.ask('GET', `/people?identifier=user_id:${user}`)).body?.id)
    await page.goto(`${c.url}/people/${person}`)
    await settled(page)
    await page.evaluate(() => { window.still = true })
    await send('Catalogue Requested')
    await page.getByText('Catalogue Requested').first().waitFor({ timeout: 15_000 })
    assert.equal(await page.evaluate(() => window.still), true, 'the page was loaded anew')
    await leave(page)
  })

  it('a tab that nobody sees asks nothing, and catches up', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/people`)
    await settled(page)
    const hide = (hidden) => page.evaluate((h) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => h })
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (h ? 'hidden' : 'visible') })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
    await hide(true)
    const questions = asked(page, /^\/api\//)
    const name = `made unseen ${Date.now()}`
    const made = (await c.ask('POST', '/views', { page: 'people', name, query: 'stage=active' })).body
    await page.waitForTimeout(3000)
    assert.deepEqual(questions, [])
    await hide(false)
    await until('the page to ask for views', () => questions.includes('/api/v1/views'), 10)
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name }).waitFor()
    await c.ask('DELETE', `/views/${made.id}`)
    await leave(page)
  })

  it('takes an edit back: by the button, by the key, and by itself when the server refuses', async () => {
    const page = await enter(c.browser, c.url)
    const paused = async () => (await c.ask('GET', '/journeys/basket')).body.journey.paused === true
    await page.goto(`${c.url}/journeys/basket`)
    await settled(page)
    const state = (text) => page.locator('h1').getByText(text, { exact: true })
    const pause = page.getByRole('button', { name: 'Pause' })

    await pause.click()
    const offer = page.getByRole('alert').filter({ hasText: 'Undo' })
    await offer.waitFor()
    assert.equal(await paused(), true)
    assert.deepEqual(await wrong(page, { within: '.mantine-Notifications-root' }), [])
    await offer.getByRole('button', { name: 'Undo' }).click()
    await state('Running').waitFor()
    await until('the journey to run again', async () => !await paused(), 10)
    await page.getByText('It is as it was before').waitFor()

    await pause.click()
    await offer.waitFor()
    await page.keyboard.press('u')
    await until('the journey to run again', async () => !await paused(), 10)
    await state('Running').waitFor()

    let answer
    const held = new Promise((resolve) => { answer = resolve })
    await page.route('**/journeys/basket/pause', async (route) => {
      await held
      await route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ title: '', status: 403, code: 'forbidden', detail: 'You may not do this.' }) })
    })
    await pause.click()
    await state('Paused').waitFor() // before the server has said anything
    answer()
    await page.getByText('That was refused: it is as it was before').waitFor()
    await state('Running').waitFor()
    assert.equal(await paused(), false)
    await leave(page)
  })
})
