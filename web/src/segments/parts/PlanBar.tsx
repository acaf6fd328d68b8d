import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { api, asProblem, must } from '../../api/client'
import type { SpecKind } from '../../settings/yaml'
import { Overtaken, useOvertaken } from '../../ui/Overtaken'
import { Pill } from '../../ui/Pill'
import { asFile, type Spec } from '../../ui/seen'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'

const t = words('segments')

/** Saving in two steps: what would change is shown before it counts. `began` is the version that the draft began from, 0 for a new document. */
export function PlanBar({ kind, name, doc, began, compare, disabled, onSaved, onTake, children }: {
  kind: SpecKind
  name: string
  doc: object
  began: number
  /** Draws the difference between a colleague's version and the draft. */
  compare?: (theirs: Spec) => React.ReactNode
  disabled?: boolean
  onSaved: () => void
  /** A colleague's version in place of the draft. */
  onTake: (theirs: Spec) => void
  children?: React.ReactNode
}) {
  const files = asFile(kind, name, doc)
  const text = files['console.yaml']
  const wanted = (seen: number) => ({ files, versions: { [`${kind}/${name}`]: seen } })
  const plan = useAct({ quiet: true, run: () => must(api.POST('/api/v1/specs/plan', { body: wanted(over.seen) })) })
  /** With a version: over that one, without another look at the plan. */
  const apply = useAct<number | undefined, unknown>({
    quiet: true, done: t('plan.saved'), touches: [['specs'], ['segments'], ['journeys']],
    run: (seen) => must(api.POST('/api/v1/specs/apply', { params: { query: { token: seen === undefined ? plan.data?.token : undefined } }, body: wanted(seen ?? over.seen) })),
    after: () => { plan.reset(); over.saved(); onSaved() },
  })
  const over = useOvertaken(kind, name, began, plan.error ?? apply.error)
  // A plan is of one text: of another one it says nothing.
  const planned = useRef(text)
  const { reset } = plan
  useEffect(() => {
    if (planned.current === text) return
    planned.current = text
    reset()
  }, [text, reset])
  const changes = over.theirs ? [] : plan.data?.changes.filter((c) => c.action !== 'unchanged') ?? []
  return (
    <div className="stack">
      <Overtaken over={over} files={files} compare={compare} busy={apply.isPending} disabled={disabled} onSave={(seen) => { plan.reset(); apply.mutate(seen) }} onTake={onTake} />
      <div className="row wrap">
        <Button variant="light" disabled={disabled || !!over.theirs} loading={plan.isPending} onClick={() => plan.mutate(undefined)}>{t('plan.show')}</Button>
        {children}
      </div>
      <div aria-live="polite" className="stack">
        {plan.isError && !over.theirs && <Trouble problem={asProblem(plan.error)} />}
        {plan.data && !over.theirs && !changes.length && <div className="note-box">{t('plan.same')}</div>}
        {changes.length > 0 && (
          <div className="note-box stack">
            {changes.map((c) => (
              <div key={`${c.kind}/${c.name}`} className="stack" style={{ gap: 6 }}>
                <div className="row"><Pill tone={c.action === 'create' ? 'good' : 'accent'}>{c.action === 'create' ? t('plan.create') : t('plan.update')}</Pill><b>{c.name}</b></div>
                <pre className="code wrap" tabIndex={0} role="region" aria-label={t('plan.changes', { name: c.name })}>{c.diff.map((d, i) => <div key={i} className={d.startsWith('+') ? 'plus' : d.startsWith('-') ? 'minus' : undefined}>{d}</div>)}</pre>
              </div>
            ))}
            <div><Button loading={apply.isPending} onClick={() => apply.mutate(undefined)}>{t('plan.apply')}</Button></div>
          </div>
        )}
        {apply.isError && !over.theirs && <Trouble problem={asProblem(apply.error)} />}
      </div>
    </div>
  )
}
