/** Which of many rows of one height are to be drawn: those in sight, and some around them. */
export function inSight(rows: number, height: number, top: number, view: number, around = 12): { from: number; to: number } {
  const from = Math.max(0, Math.min(rows, Math.floor(top / height)) - around)
  const to = Math.min(rows, Math.ceil((top + view) / height) + around)
  return { from, to: Math.max(from, to) }
}
