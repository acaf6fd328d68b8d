/** The settings of a part that are colours, of those that the console has words for. */
export const colourSettings = ['color', 'background-color', 'container-background-color', 'border-color'] as const

/** The colours that stand in texts, the most frequent first: what a brand writes its mails in are the brand's colours. */
export function coloursIn(texts: string[], most = 14): string[] {
  const counts = new Map<string, number>()
  for (const text of texts) {
    for (const [, hex] of text.matchAll(/#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z-])/gi)) {
      const colour = `#${hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex}`.toLowerCase()
      counts.set(colour, (counts.get(colour) ?? 0) + 1)
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([colour]) => colour)
}
