import { useMemo, useState } from 'react'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { useOvertaken } from '../../ui/Overtaken'
import { matching, newest, standing } from '../../ui/seen'
import { useEdit } from '../../ui/useEdit'
import { useSteady } from '../../ui/useSteady'
import { words } from '../../words/i18n'
import { bodyOf, useSpecs, type Body, type Draft, type Spec } from '../queries'

const t = words('rules')

/** The brand's document, changed but not saved. */
export function useBrandDraft() {
  const may = useMay()
  const brands = useSpecs('brand')
  const [changed, setChanged] = useState<Body>()
  const [taken, setTaken] = useState<Spec>()
  const spec = useSteady('brand', newest(brands.data?.[0], taken), changed !== undefined)
  const stored = useMemo(() => bodyOf(spec), [spec])
  const body = changed ?? stored
  const dirty = changed !== undefined && JSON.stringify(changed) !== JSON.stringify(stored)
  const put = (body: Body, version: number) => must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'brand', name: spec!.name }, header: matching(version) }, body: body as never }))
  /** Over the version that has been seen, or over a colleague's. */
  const save = useEdit<Spec | undefined, Spec>({
    quiet: true, done: t('saved'), touches: [['specs'], ['rehearsal'], ['brand']], after: (now) => { over.saved(now.version); setTaken(now); setChanged(undefined) },
    run: (theirs) => put(body, theirs ? standing(theirs) : over.seen), back: (theirs, now) => put(theirs ? bodyOf(theirs) : stored, now.version),
    shown: () => [{ key: ['specs', 'of', 'brand'], as: (all: Spec[]) => all.map((s) => (s.name === spec!.name ? { ...s, body } : s)) }],
  })
  const over = useOvertaken('brand', spec?.name ?? '', spec?.version ?? 0, save.error)
  const draft = useMemo<Draft | null>(() => (dirty && spec ? { kind: 'brand', name: spec.name, body } : null), [dirty, spec, body])
  return { query: brands, body, set: setChanged, dirty, draft, save, writes: may('specs:write') && may('data:manage') && !!spec, over, reset: () => setChanged(undefined), take: (theirs: Spec) => { setTaken(theirs); setChanged(undefined) } }
}
