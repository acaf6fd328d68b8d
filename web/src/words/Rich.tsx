import type { ReactElement } from 'react'
import { Trans } from 'react-i18next/TransWithoutContext'
import { i18n } from './i18n'

/** A text with elements inside: "Made by <who>{{name}}</who>" with `parts={{ who: <b /> }}`. */
export function Rich({ folder, of, parts, values }: { folder: string; of: string; parts: Record<string, ReactElement>; values?: Record<string, unknown> }) {
  return <Trans i18n={i18n} ns={folder} i18nKey={of} components={parts} values={values} count={values?.count as number | undefined} />
}
