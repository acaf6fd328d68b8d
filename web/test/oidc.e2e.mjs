// Signing in with an identity provider, clicked through in a browser: the provider is a certified one (oidc-provider), with
// its own pages for signing in and for consent.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { Provider } from 'oidc-provider'
import { missing, openBrowser, signIn, sizes, startHeed } from './lib.mjs'

// What the provider knows of those who work here.
const staff = {
  carla: { email: 'carla@lumen.example', email_verified: true, name: 'Carla Care', groups: ['care', 'cycling'] },
  adam: { email: 'adam@lumen.example', email_verified: true, name: 'Adam Admin', groups: ['care', 'heed-admins'] },
  gus: { email: 'gus@lumen.example', email_verified: true, name: 'Gus Guest', groups: ['cycling'] },
}

/** A provider at an address that is known before it knows its client. */
async function listening() {
  let handle
  const server = createServer((req, res) => handle(req, res))
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${server.address().port}`
  return {
    issuer,
    serve(back) {
      const provider = new Provider(issuer, {
        clients: [{ client_id: 'heed', client_secret: 'a secret between the two of us', redirect_uris: [back], grant_types: ['authorization_code'], response_types: ['code'] }],
        claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
        conformIdTokenClaims: false,
        cookies: { keys: ['only for this test'] },
        findAccount: (_, id) => staff[id] && { accountId: id, claims: () => ({ sub: id, ...staff[id] }) },
        features: { devInteractions: { enabled: true } },
      })
      handle = provider.callback()
    },
    close: () => new Promise((done) => { server.close(done); server.closeAllConnections() }),
  }
}

describe('signing in with an identity provider', { skip: missing(), timeout: 300_000 }, () => {
  let heed, idp, browser, url // where the provider leads back to: cookies are of one name only
  before(async () => {
    idp = await listening()
    heed = await startHeed({ fresh: true, args: ['--oidc-issuer', idp.issuer, '--oidc-client-id', 'heed', '--oidc-title', 'Lumen staff', '--oidc-roles', 'care=service,heed-admins=admin'], env: { HEED_OIDC_CLIENT_SECRET: 'a secret between the two of us' } })
    url = heed.url.replace('127.0.0.1', 'localhost')
    idp.serve(`${url}/api/v1/session/oidc/back`)
    browser = await openBrowser()
  }, { timeout: 120_000 })
  after(async () => {
    await browser?.close()
    await heed?.stop()
    await idp?.close()
  })

  const open = async () => {
    const page = await (await browser.newContext({ viewport: sizes.desktop, locale: 'en-GB' })).newPage()
    await page.goto(`${url}/people?q=ann`)
    await page.waitForURL(/\/login/)
    return page
  }
  /** The button, the provider's page for signing in, its page for consent. */
  const through = async (page, who) => {
    await page.getByRole('link', { name: 'Lumen staff' }).click()
    await page.waitForURL((u) => u.origin === idp.issuer)
    await page.locator('input[name=login]').fill(who)
    await page.locator('input[name=password]').fill('any')
    await page.getByRole('button', { name: 'Sign-in' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
  }
  const me = (page) => page.evaluate(async () => (await fetch('/api/v1/session')).json())
  const refused = async (page, text) => {
    await page.waitForURL(/\/login\?trouble=/)
    await page.getByRole('alert').getByText(text).waitFor()
    await page.getByLabel('E-mail address').waitFor() // a password is still a way in
    assert.equal(await page.evaluate(async () => (await fetch('/api/v1/session')).status), 401)
    await page.context().close()
  }

  it('leads from the button through consent back to where one wanted to go, with the role that the provider names', async () => {
    const page = await open()
    await through(page, 'carla')
    await page.waitForURL(`${url}/people?q=ann`)
    await page.locator('h1').first().waitFor()
    const carla = await me(page)
    assert.deepEqual([carla.name, carla.role], ['carla@lumen.example', 'service'])
    await page.getByRole('button', { name: /Carla Care/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
    await page.getByRole('link', { name: 'Lumen staff' }).click() // the provider still knows her, and has asked already
    await page.waitForURL((u) => u.origin === url && u.pathname === '/')
    assert.equal((await me(page)).role, 'service')
    await page.context().close()
  })

  it('takes the mightiest role, anew each time', async () => {
    let page = await open()
    await through(page, 'adam')
    await page.waitForURL(`${url}/people?q=ann`)
    assert.equal((await me(page)).role, 'admin')
    await page.context().close()
    staff.adam.groups = ['care']
    page = await open()
    await through(page, 'adam')
    await page.waitForURL(`${url}/people?q=ann`)
    assert.equal((await me(page)).role, 'service')
    const users = (await (await signIn(heed.url))('GET', '/users')).body.items.filter((u) => u.email === 'adam@lumen.example')
    assert.equal(users.length, 1)
    await page.context().close()
  })

  it('tells who has no access what to do', async () => {
    const page = await open()
    await through(page, 'gus')
    await refused(page, /administrator|access/i)
  })

  it('tells who refuses consent that nobody was signed in', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'Lumen staff' }).click()
    await page.getByRole('link', { name: /Cancel/ }).click()
    await refused(page, /did not sign you in/)
  })

  /** Somebody in between changes what the browser brings to the provider. */
  const tampered = async (name) => {
    const page = await open()
    await page.route('**/api/v1/session/oidc?*', async (route) => {
      const answer = await route.fetch({ maxRedirects: 0 })
      const to = new URL(answer.headers().location)
      assert.ok(to.searchParams.get(name), `the question has a ${name}`)
      to.searchParams.set(name, 'of-somebody-else')
      await route.fulfill({ response: answer, headers: { ...answer.headers(), location: to.href } })
    })
    await through(page, 'carla')
    await refused(page, /not begun in this browser/)
  }

  it('refuses an answer to a question that this browser did not ask', () => tampered('state'))

  it('refuses a token that was made for another sign-in', () => tampered('nonce'))
})
