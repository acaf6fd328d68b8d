// Runs the end-to-end tests against one Heed: `npm run e2e [AREA...]`, all areas when none is named.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { lived, missing, startHeed } from './lib.mjs'

if (missing()) process.exit(process.env.CI === 'true' ? 1 : 0)
const dir = import.meta.dirname
const wanted = process.argv.slice(2)
const areas = readdirSync(dir).filter((f) => f.endsWith('.e2e.mjs') && (!wanted.length || wanted.includes(f.replace('.e2e.mjs', ''))))
if (!areas.length) throw new Error(`there is no area called ${wanted.join(', ')}`)
const heed = await startHeed()
let code = 1
try {
  await lived(heed.url)
  const child = spawn(process.execPath, ['--test', '--test-concurrency=3', ...areas.map((f) => path.join(dir, f))], { stdio: 'inherit', env: { ...process.env, HEED_TEST_URL: heed.url } })
  code = await new Promise((resolve) => child.once('exit', resolve))
} finally {
  await heed.stop()
}
process.exit(code ?? 1)
