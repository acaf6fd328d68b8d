// A journey, drawn and run.
import { it } from 'node:test'
import { area, enter, leave, settled } from './lib.mjs'

area('journeys', (c) => {
  it('draws a journey, pauses it and lets it go on', async () => {
    const page = await enter(c.browser, c.url)
    await page.goto(`${c.url}/journeys/basket`)
    await settled(page)
    const node = page.getByRole('button', { name: /Wait for Order Completed/ })
    await node.click()
    await page.waitForURL(/node=bought/)
    await page.getByRole('heading', { name: 'People at bought' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await leave(page)
  })
})
