import { useMemo, useState } from 'react'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { useEdit } from '../../ui/useEdit'
import { words } from '../../words/i18n'
import { bodyOf, useSpecs, type Body, type Draft, type Spec } from '../queries'

const t = words('rules')

/** The brand's document, changed but not saved. */
export function useBrandDraft() {
  const may = useMay()
  const brands = useSpecs('brand')
  const spec = brands.data?.[0]
  const stored = useMemo(() => bodyOf(spec), [spec])
  const [changed, setChanged] = useState<Body>()
  const body = changed ?? stored
  const dirty = changed !== undefined && JSON.stringify(changed) !== JSON.stringify(stored)
  const put = (body: Body, version: number) => must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'brand', name: spec!.name }, header: { 'If-Match': `"v${version}"` } }, body: body as never }))
  const save = useEdit({
    quiet: true, done: t('saved'), touches: [['specs'], ['rehearsal'], ['brand']], after: () => setChanged(undefined),
    run: () => put(body, spec!.version), back: (_, now) => put(stored, now.version),
    shown: () => [{ key: ['specs', 'of', 'brand'], as: (all: Spec[]) => all.map((s) => (s.name === spec!.name ? { ...s, body } : s)) }],
  })
  const draft = useMemo<Draft | null>(() => (dirty && spec ? { kind: 'brand', name: spec.name, body } : null), [dirty, spec, body])
  return { query: brands, body, set: setChanged, dirty, draft, save, writes: may('specs:write') && may('data:manage') && !!spec, reset: () => setChanged(undefined) }
}
