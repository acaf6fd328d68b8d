import { language, locale } from './i18n'

/** 12,345 */
export const count = (n: number) => new Intl.NumberFormat(locale()).format(n)
/** 1.2M from a million on; below, every digit. Britain's own 1.2m reads like metres, so it is America's. */
export const brief = (n: number) => (Math.abs(n) >= 1_000_000 ? short(n) : count(n))
/** 400, 1.5K, 20M: what stands at an axis. */
export const short = (n: number) => new Intl.NumberFormat(language() === 'en' ? 'en-US' : locale(), { notation: 'compact', maximumFractionDigits: 1 }).format(n)
/** 59.90; the brand's currency, if known, with it. */
export function money(n: number, currency?: string): string {
  if (!currency) return new Intl.NumberFormat(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(n)
  try {
    return new Intl.NumberFormat(locale(), { style: 'currency', currency }).format(n)
  } catch {
    return `${currency} ${n.toFixed(2)}`
  }
}
/** 0.42 as 42 %; what is not nothing never shows as 0. */
export const percent = (share: number) => (share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`)
export const plural = (n: number, one: string, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let size = n
  let unit = -1
  while (size >= 1024 && unit < units.length - 1) { size /= 1024; unit++ }
  const digits = size < 10 ? 1 : 0
  return `${new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(size)} ${units[unit]}`
}
