import type { Overview } from './queries'

export type Move = Overview['moves'][number]
export type Span = 'today' | 'week'

/** A stage on one side of the drawing: `n` people, `h` high from `y` on. */
export type Side = { key: string; n: number; y: number; h: number }
/** A band from the left side to the right one: its middle on both, and how broad it is. */
export type Band = { from: string; to: string; n: number; y0: number; y1: number; w: number; up: boolean }

const least = 26 // a line of text
const gap = 6
const whole = 170 // of all people together

/** Who went from which stage to which as bands between two columns, in the ladder's order. */
export function flow(moves: Move[], span: Span, ladder: string[]): { left: Side[]; right: Side[]; bands: Band[]; height: number } {
  const some = moves.filter((m) => m[span] > 0)
  const total = some.reduce((n, m) => n + m[span], 0)
  const place = (key: string) => { const i = ladder.indexOf(key); return key === '' ? -1 : i < 0 ? ladder.length : i }
  const thick = (n: number) => (n / Math.max(1, total)) * whole
  const column = (side: 'from' | 'to'): Side[] => {
    let y = 0
    return [...new Set(some.map((m) => m[side]))].sort((a, b) => place(a) - place(b) || a.localeCompare(b)).map((key) => {
      const n = some.filter((m) => m[side] === key).reduce((sum, m) => sum + m[span], 0)
      const one = { key, n, y, h: Math.max(least, thick(n)) }
      y += one.h + gap
      return one
    })
  }
  const left = column('from')
  const right = column('to')
  const used = new Map<string, number>() // how much of a side is taken, from its top
  const take = (side: string, s: Side, w: number) => {
    const key = `${side} ${s.key}`
    const at = used.get(key) ?? (s.h - thick(s.n)) / 2
    used.set(key, at + w)
    return s.y + at + w / 2
  }
  const bands: Band[] = []
  for (const l of left) {
    for (const r of right) {
      const m = some.find((one) => one.from === l.key && one.to === r.key)
      if (!m) continue
      const w = thick(m[span])
      bands.push({ from: l.key, to: r.key, n: m[span], y0: take('l', l, w), y1: take('r', r, w), w: Math.max(1.5, w), up: !declining.includes(r.key) && (declining.includes(l.key) || place(r.key) > place(l.key)) })
    }
  }
  const end = (side: Side[]) => side.reduce((h, s) => Math.max(h, s.y + s.h), 0)
  return { left, right, bands, height: Math.max(end(left), end(right)) }
}

/** The stages at the end of the ladder that nobody wants people at. */
const declining = ['at_risk', 'lapsed']
