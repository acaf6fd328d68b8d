// Each snippet that the console shows is run as it stands, against the real binary: what it sends must arrive. The texts
// come from src/setup/snippets.ts, from where the page has them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { build } from 'vite'
import { area, until } from './lib.mjs'

const run = promisify(execFile)
const sdks = path.resolve(import.meta.dirname, '../../test/sdk/node_modules')

/** One module with everything that it imports. */
async function bundled(input) {
  const options = { input, preserveEntrySignatures: 'strict', output: { format: 'esm', codeSplitting: false } }
  const { output } = await build({ configFile: false, logLevel: 'silent', root: path.dirname(input), build: { write: false, minify: false, rolldownOptions: options } })
  return output[0].code
}

const source = await bundled(path.resolve(import.meta.dirname, '../src/setup/snippets.ts'))
const { snippets } = await import(`data:text/javascript,${encodeURIComponent(source)}`)

/** What is not installed is a reason to skip on a laptop, and to fail where everything has to be there. */
const lacks = async (program, ...args) => {
  try {
    await run(program, args)
    return false
  } catch (error) {
    if (process.env.CI === 'true') throw error
    return `${program} is not installed`
  }
}

area('snippets', (c) => {
  let shown
  const texts = async () => {
    if (shown) return shown
    const key = (await c.ask('POST', '/keys', { kind: 'write', name: 'Snippets', source: (await c.ask('GET', '/sources')).body.items[0].name })).body.key
    assert.ok(key, 'there is a key')
    return shown = Object.fromEntries(snippets(c.url, key).map((s) => [s.key, s.text]))
  }

  /** Waits until the event of a snippet is on the timeline of somebody. */
  const arrives = (from, identifier = 'user_id:u-17', name = 'Hello Heed') => until(`${name} from ${from}`, async () => {
    const person = (await c.ask('GET', `/people?identifier=${encodeURIComponent(identifier)}`)).body
    if (!person?.id) return false
    const { items } = (await c.ask('GET', `/people/${person.id}/interactions?limit=200`)).body
    return items.some((i) => i.name === name && (!from || i.properties?.from === from))
  }, 30)

  /** Runs a file of that name with the text of a snippet, in a folder of its own. */
  const runs = async (text, name, program, ...args) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'heed-snippet-'))
    try {
      await writeFile(path.join(dir, name), text)
      if (existsSync(sdks)) await symlink(sdks, path.join(dir, 'node_modules'))
      return (await run(program, [...args, name], { cwd: dir, timeout: 120_000 })).stdout
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  }

  /** Opens a page of another site with that in it, and gives what the page knows of its visitor. */
  const opens = async (html, script, visitor) => {
    const site = createServer((req, res) => {
      if (req.url === '/app.js') return res.setHeader('Content-Type', 'text/javascript').end(script)
      res.setHeader('Content-Type', 'text/html; charset=utf-8').end(req.url === '/' ? `<!doctype html><title>A shop</title>${html}` : '')
    })
    await new Promise((done) => site.listen(0, '127.0.0.1', done))
    const context = await c.browser.newContext()
    try {
      const page = await context.newPage()
      const broken = []
      page.on('pageerror', (error) => broken.push(String(error)))
      await page.goto(`http://127.0.0.1:${site.address().port}/`, { waitUntil: 'networkidle' })
      if (visitor) await page.waitForFunction(visitor)
      const who = visitor && await page.evaluate(visitor)
      assert.deepEqual(broken, [])
      return { who, page, close: async () => { await context.close(); site.close() } }
    } catch (error) {
      await context.close()
      site.close()
      throw error
    }
  }

  it('shows nothing that is not run here', async () => {
    assert.deepEqual(Object.keys(await texts()).sort(), ['browser', 'curl', 'go', 'node', 'page', 'php', 'pixel', 'python'])
  })

  it('HTML', async () => {
    const site = await opens((await texts()).page, '', () => localStorage.heedId)
    await arrives('', `anonymous_id:${site.who}`, 'A shop')
    await site.page.evaluate(() => window.heed.track('Hello Heed', { from: 'page' }))
    await arrives('page', `anonymous_id:${site.who}`)
    await site.page.evaluate(() => window.heed.identify('u-page', { first_name: 'Ann' }))
    await arrives('page', 'user_id:u-page')
    await site.close()
  })

  it('JavaScript', async (t) => {
    if (!existsSync(sdks) && process.env.CI !== 'true') return t.skip('npm ci in test/sdk')
    const dir = await mkdtemp(path.join(tmpdir(), 'heed-snippet-'))
    await mkdir(dir, { recursive: true })
    await symlink(sdks, path.join(dir, 'node_modules'))
    await writeFile(path.join(dir, 'app.js'), (await texts()).browser)
    const script = await bundled(path.join(dir, 'app.js'))
    const site = await opens('<script type="module" src="/app.js"></script>', script, () => localStorage.ajs_anonymous_id && JSON.parse(localStorage.ajs_anonymous_id))
    await arrives('browser', `anonymous_id:${site.who}`)
    await site.close()
    await rm(dir, { recursive: true })
  })

  it('Node', async (t) => {
    if (!existsSync(sdks) && process.env.CI !== 'true') return t.skip('npm ci in test/sdk')
    await runs((await texts()).node, 'send.mjs', process.execPath)
    await arrives('node')
    assert.equal((await c.ask('GET', '/people?identifier=user_id:u-17')).body.traits.first_name, 'Ann')
  })

  it('Go', async (t) => {
    const missing = await lacks('go', 'version')
    if (missing) return t.skip(missing)
    assert.match(await runs((await texts()).go, 'main.go', 'go', 'run'), /200 OK/)
    await arrives('go')
  })

  it('Python', async (t) => {
    const missing = await lacks('python3', '--version')
    if (missing) return t.skip(missing)
    await runs((await texts()).python, 'send.py', 'python3')
    await arrives('python')
  })

  it('PHP', async (t) => {
    const missing = await lacks('php', '--version')
    if (missing) return t.skip(missing)
    await runs((await texts()).php, 'send.php', 'php')
    await arrives('php')
  })

  it('curl', async (t) => {
    const missing = await lacks('curl', '--version')
    if (missing) return t.skip(missing)
    await runs((await texts()).curl, 'send.sh', 'sh', '-e')
    await arrives('curl')
  })

  it('Pixel', async () => {
    const site = await opens((await texts()).pixel)
    await arrives('pixel')
    await site.close()
  })
})
