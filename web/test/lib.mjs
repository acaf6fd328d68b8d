// What the end-to-end tests share: a real Heed with living customers, and a real browser.
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'

export const owner = { email: 'owner@lumen.example', password: 'linen-and-light' }
export const viewer = { email: 'viewer@lumen.example', name: 'Vera Viewer', role: 'viewer', password: 'looks-but-never-touches' }
export const agent = { email: 'agent@lumen.example', name: 'Aiko Agent', role: 'service', department: 'service', password: 'listens-before-talking' }

const chrome = '/usr/bin/chromium'

/** Why the tests cannot run here, or undefined. Under CI that is a failure, not an excuse. */
export function missing() {
  const reason = !process.env.HEED_TEST_URL && !process.env.HEED_TEST_BIN ? 'HEED_TEST_BIN names no heed binary (make build, then HEED_TEST_BIN=../bin/heed)'
    : process.env.HEED_TEST_BIN && !existsSync(process.env.HEED_TEST_BIN) ? `there is no ${process.env.HEED_TEST_BIN}`
      : !existsSync(chrome) ? `there is no ${chrome}` : undefined
  if (reason && process.env.CI === 'true') throw new Error(reason)
  if (reason) console.error(`SKIPPED: ${reason}`)
  return reason
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Asks until the answer is there; what is waited for is said when it does not come. */
export async function until(what, ask, seconds = 90) {
  const end = Date.now() + seconds * 1000
  let last
  for (;;) {
    try {
      const answer = await ask()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}; last: ${last}`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/** Starts the demo brand on a free port, with data of its own; the one that run.mjs has started, unless it has to be fresh. */
export async function startHeed({ command = 'demo', fresh = false, args = [], env = {} } = {}) {
  if (process.env.HEED_TEST_URL && !fresh) return { url: process.env.HEED_TEST_URL, output: () => '', stop: async () => {} }
  const data = await mkdtemp(path.join(tmpdir(), 'heed-e2e-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(path.resolve(process.env.HEED_TEST_BIN), [command, '--data', data, '--addr', `127.0.0.1:${port}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output = (output + chunk).slice(-20_000) })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    await until('heed to be ready', async () => {
      if (child.exitCode !== null) throw new Error(`heed ended:\n${output}`)
      // The demo prints how to sign in when its owner is there.
      return (await fetch(`${url}/readyz`)).ok && (command !== 'demo' || output.includes('Ctrl-C'))
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    url,
    output: () => output,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(late)
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** The API with an owner's session, for making what a test needs. */
export async function signIn(url, who = owner) {
  const res = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: who.email, password: who.password }) })
  if (!res.ok) throw new Error(`sign in as ${who.email}: ${res.status} ${await res.text()}`)
  const cookie = res.headers.getSetCookie()[0].split(';')[0]
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers: { Cookie: cookie, 'X-Heed-Console': '1', 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : undefined }
  }
}

/** Waits until the brand's customers have done enough for each page to have something to show. */
export async function lived(url) {
  const ask = await signIn(url)
  await until('the customers to have lived a little', async () => {
    const overview = (await ask('GET', '/overview')).body
    const mails = (await ask('GET', '/mails?limit=1')).body
    const held = (await ask('GET', '/decisions?limit=1')).body
    return overview.people >= 40 && mails.items?.length && held.items?.length
  }, 240)
  for (const user of [viewer, agent]) {
    const made = await ask('POST', '/users', user)
    if (made.status !== 201 && made.status !== 409) throw new Error(`make ${user.email}: ${JSON.stringify(made.body)}`)
  }
  return ask
}

export function openBrowser() {
  return chromium.launch({
    executablePath: chrome, headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

/** A page of somebody who is signed in. Console errors and failed scripts are collected in page.broken. */
export async function enter(browser, url, { who = owner, size = sizes.desktop, scheme = 'light', locale = 'en-GB' } = {}) {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce', locale, timezoneId: 'Europe/Lisbon' })
  const page = await context.newPage()
  page.broken = []
  page.on('pageerror', (error) => page.broken.push(String(error)))
  page.on('console', (m) => { if (m.type() === 'error' && !/status of (401|403|404|412|422|503)/.test(m.text())) page.broken.push(m.text()) })
  await page.goto(`${url}/login`)
  await page.locator('input[name=email]').fill(who.email)
  await page.locator('input[name=password]').fill(who.password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((u) => u.pathname === '/' || !u.pathname.startsWith('/login'))
  await page.locator('h1').first().waitFor()
  return page
}

/** Closes a page that enter opened. Nothing may have broken in it, whatever was looked for. */
export async function leave(page) {
  assert.deepEqual(page.broken, [], 'errors in the browser')
  await page.unrouteAll({ behavior: 'ignoreErrors' }) // an answer that is still being changed comes too late for anybody
  await page.context().close()
}

/** Waits until nothing on the page is still a skeleton. */
export async function settled(page) {
  await page.locator('main h1, main.gate').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.await[role="status"]'), undefined, { timeout: 20_000 })
  await page.evaluate(() => document.fonts.ready)
}

/**
 * One area of the console: `tests` gets { url, browser, ask } once they are there. Everybody shares one Heed, so a test
 * leaves nothing behind that another one could stumble over.
 */
export function area(name, tests) {
  describe(name, { skip: missing(), timeout: 600_000 }, () => {
    const c = {}
    let heed
    before(async () => {
      heed = await startHeed()
      c.url = heed.url
      c.ask = await lived(heed.url)
      c.browser = await openBrowser()
    }, { timeout: 300_000 })
    after(async () => {
      await c.browser?.close()
      await heed?.stop()
    })
    tests(c)
  })
}

/** The route that routes() calls by a name. */
export const routeOf = async (c, name) => (await routes(c.ask)).find(([of]) => of === name)[1]

/** Every route of the console that there is something to see on. */
export async function routes(ask) {
  const first = async (path) => (await ask('GET', path)).body.items?.[0]
  // The person with the most to see: one whom a journey wrote to.
  const decision = await first('/decisions?outcome=send&limit=1')
  const mail = await first('/mails?limit=1')
  const journeys = (await ask('GET', '/journeys')).body.items ?? []
  const segments = (await ask('GET', '/segments')).body.items ?? []
  const person = decision?.person ?? (await first('/people?limit=1')).id
  const journey = journeys.find((j) => j.name === 'welcome')?.name ?? journeys[0]?.name
  return [
    ['home', '/'], ['people', '/people'], ['person', `/people/${person}`], ['person-conversation', `/people/${person}?tab=conversation`],
    ['person-journeys', `/people/${person}?tab=journeys`], ['person-consents', `/people/${person}?tab=consents`], ['person-identity', `/people/${person}?tab=identity`],
    ['segments', '/segments'], ['segments-try', '/segments?try=1'], ...(segments[0] ? [['segment', `/segments/${segments[0].name}`]] : []),
    ['journeys', '/journeys'], ['segment-edit', `/segments/${segments[0]?.name}?edit=1&overlap=${segments[1]?.name}`], ['journey', `/journeys/${journey}`], ['journey-edit', `/journeys/${journey}?view=edit`], ['journey-list', `/journeys/${journey}?view=edit&as=list&node=bought`],
    ['journey-simulate', `/journeys/${journey}?view=simulate`], ['journey-rehearse', `/journeys/${journey}?view=rehearse`], ['journey-versions', `/journeys/${journey}?view=versions`], ['journey-new', '/journeys/~new'], ['ledger', '/ledger'], ['ledger-messages', '/ledger?show=messages'], ...(decision ? [['decision', `/decisions/${decision.id}`]] : []),
    ...(decision?.message ? [['message', `/messages/${decision.message}`]] : []),
    ['mailbox', '/mailbox'], ...(mail ? [['mail', `/mailbox/${mail.id}`]] : []),
    ['data-sources', '/data/sources'], ['data-events', '/data/events'], ['data-imports', '/data/imports'], ['data-dead-letters', '/data/dead-letters'], ['data-reviews', '/data/reviews'],
    ['data-exports', '/data/exports'], ['data-suppressions', '/data/suppressions'], ['data-webhooks', '/data/webhooks'], ['data-deliverability', '/data/deliverability'],
    ['rules', '/rules/rule'], ['rules-purposes', '/rules/purpose'], ['rules-topics', '/rules/topics'], ['rules-quiet', '/rules/quiet_hours'], ['rules-caps', '/rules/cap'], ['rules-priorities', '/rules/priorities'], ['rules-new', '/rules/rule/~new'], ['rules-cap-new', '/rules/cap/~new'],
    ['settings', '/settings/configuration'], ['settings-document', `/settings/configuration?kind=journey&name=${journey}`], ['settings-new', '/settings/configuration?new=rule'],
    ['settings-keys', '/settings/keys'], ['settings-users', '/settings/users'], ['settings-health', '/settings/health'], ['welcome', '/welcome'], ['welcome-source', '/welcome?step=source'], ['settings-audit', '/settings/audit'], ['settings-password', '/settings/password'],
    ['broadcasts', '/broadcasts'], ['broadcast-who', '/broadcasts/~new'], ['broadcast-what', '/broadcasts/~new?step=what'], ['broadcast-when', '/broadcasts/~new?step=when'],
    ['templates', '/templates'], ['template', '/templates/welcome'], ['template-write', '/templates/welcome?tab=write'], ['template-code', '/templates/welcome?tab=code'], ['template-versions', '/templates/welcome?tab=versions'],
    ['not-found', '/nowhere'],
  ]
}
