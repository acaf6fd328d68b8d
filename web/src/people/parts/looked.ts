import type { PersonPage } from '../queries'

/** How far all pages together have looked; undefined when the list is one that takes no looking. */
export function lookedAt(pages: Pick<PersonPage, 'looked'>[]): { people: number; of: number } | undefined {
  const last = pages[pages.length - 1]?.looked
  return last && { people: Math.min(last.of, pages.reduce((n, p) => n + (p.looked?.people ?? 0), 0)), of: last.of }
}
