// Opens a page in headless Chromium, waits until it says that it has sent everything, and prints what went wrong.
// usage: node browser.js PAGE_URL
const { chromium } = require('playwright-core')

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    page.on('console', (m) => { if (m.type() === 'error') console.error('console:', m.text()) })
    page.on('pageerror', (e) => { console.error('page:', e); process.exitCode = 1 })
    page.on('response', (r) => console.log(r.status(), r.request().method(), r.url()))
    await page.goto(process.argv[2])
    await page.waitForFunction('window.sent === true', null, { timeout: 60000 })
  } finally {
    await browser.close()
  }
}

main().catch((e) => { console.error(e); process.exitCode = 1 })
