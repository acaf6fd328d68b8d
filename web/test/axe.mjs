// What axe finds wrong with a page. Frames are left out: mails are shown in them, and what those look like is their author's.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Violations, a line each: of `rules` only, within the selector `within` only. */
export async function wrong(page, { rules, within } = {}) {
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(source)
  return page.evaluate(async ({ rules, within }) => {
    const { violations } = await axe.run({ ...(within && { include: [within] }), exclude: ['iframe'] }, { ...(rules && { runOnly: rules }), resultTypes: ['violations'], iframes: false })
    return violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' | ')}`)
  }, { rules, within })
}
