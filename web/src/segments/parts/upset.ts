// What a picture of overlapping segments is drawn from (after Lex et al., "UpSet: Visualization of Intersecting Sets",
// IEEE TVCG 20, 2014): a line for each segment, a line for each combination that somebody is in.

/** Those who are in these of the segments and in none of the others. */
export type Part = { in: string[]; people: number }

export type Line = Part & {
  key: string
  /** Which of the segments, by place, in order. */
  at: number[]
  /** Of everybody who is in any of them, 0 to 1. */
  share: number
  /** Of the longest line, 0 to 1. */
  length: number
}

export type Upset = {
  /** By segment: how many, and how long its line is. */
  segments: { name: string; people: number; length: number }[]
  /** Combinations, the largest first. */
  lines: Line[]
  /** Everybody who is in any of them. */
  people: number
}

export function upset(names: string[], parts: Part[]): Upset {
  const sizes = names.map((n) => parts.reduce((sum, p) => sum + (p.in.includes(n) ? p.people : 0), 0))
  const people = parts.reduce((sum, p) => sum + p.people, 0)
  const longest = Math.max(1, ...sizes)
  const most = Math.max(1, ...parts.map((p) => p.people))
  return {
    people,
    segments: names.map((name, i) => ({ name, people: sizes[i], length: sizes[i] / longest })),
    lines: parts.filter((p) => p.people > 0).toSorted((a, b) => b.people - a.people || a.in.length - b.in.length).map((p) => ({
      ...p, key: p.in.join(' '), at: names.flatMap((n, i) => (p.in.includes(n) ? [i] : [])), share: p.people / Math.max(1, people), length: p.people / most,
    })),
  }
}

/** The rule for whom a line stands. */
export const ruleOf = (names: string[], line: Part) => names.map((n) => `${line.in.includes(n) ? 'in' : 'not in'} segment ${JSON.stringify(n)}`).join(' and ')
