import { language, locale as chosen, words } from './i18n'

// Times for people: relative beside absolute, in the reader's own zone and language.

const t = words('words')

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
]

/** "4 minutes ago", "in 2 days"; "yesterday", but no "last month": that may be three days ago. "just now" within a minute. `short` leaves out letters: "4 min. ago". */
export function relative(at: number, now: number, locale: string = chosen(), style: 'long' | 'short' = 'short'): string {
  const seconds = (at - now) / 1000
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return new Intl.RelativeTimeFormat(locale, { numeric: unit === 'day' ? 'auto' : 'always', style }).format(Math.trunc(seconds / size), unit)
  }
  return seconds > 5 ? t('in-a-moment') : t('now')
}

/** "Sat 21 Nov 2026, 22:45:36 CET" */
export function absolute(at: number, locale: string = chosen(), timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short', timeZone,
  }).format(at)
}

export const clock = (at: number, timeZone?: string) =>
  new Intl.DateTimeFormat(chosen(), { hour: '2-digit', minute: '2-digit', timeZone }).format(at)

/** "21 Nov 2026" */
export const day = (at: number, timeZone?: string) => new Intl.DateTimeFormat(chosen(), { day: 'numeric', month: 'short', year: 'numeric', timeZone }).format(at)

/** The day of a moment: "Today", "Yesterday", "Thursday 19 November". */
export function dayName(at: number, now: number, timeZone?: string): string {
  const key = (of: number) => new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(of)
  if (key(at) === key(now)) return t('today')
  if (key(at) === key(now - 86_400_000)) return t('yesterday')
  const year = key(at).slice(0, 4) === key(now).slice(0, 4) ? undefined : 'numeric'
  return new Intl.DateTimeFormat(chosen(), { weekday: 'long', day: 'numeric', month: 'long', year, timeZone }).format(at).replace(language() === 'en' ? ',' : '', '')
}

/** "2d" of a spec as "2 days". */
export function spanText(span: string): string {
  const parts = [...span.matchAll(/(\d+)\s*(mo|[smhdwy])/g)].map(([, n, unit]) => t(`span.${unit}`, { count: Number(n) }))
  return parts.length ? parts.join(' ') : span
}
