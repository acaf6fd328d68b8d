import { words } from '../../words/i18n'
import { spanOf } from '../document'

const t = words('rules')

/** "7d" as "7 days"; what is written otherwise stays as it is. */
export function spanText(value: unknown): string {
  const s = spanOf(value)
  return s ? t(`span.${s.unit}`, { count: s.n }) : String(value)
}
