import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Pill } from '../../ui/Pill'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'

const t = words('segments')

/** A document as the text of a file: JSON, which YAML reads. */
export const asFile = (kind: string, name: string, doc: object) => ({ 'console.yaml': JSON.stringify({ kind, name, ...doc }, null, 1) })

/** Saving in two steps: what would change is shown before it counts. */
export function PlanBar({ kind, name, doc, disabled, onSaved, children }: { kind: string; name: string; doc: object; disabled?: boolean; onSaved: () => void; children?: React.ReactNode }) {
  const files = asFile(kind, name, doc)
  const text = files['console.yaml']
  const plan = useAct({ quiet: true, run: () => must(api.POST('/api/v1/specs/plan', { body: { files } })) })
  const apply = useAct({
    quiet: true, done: t('plan.saved'), touches: [['specs'], ['segments'], ['journeys']],
    run: () => must(api.POST('/api/v1/specs/apply', { params: { query: { token: plan.data?.token } }, body: { files } })),
    after: () => { plan.reset(); onSaved() },
  })
  // A plan is of one text: of another one it says nothing.
  const planned = useRef(text)
  const { reset } = plan
  useEffect(() => {
    if (planned.current === text) return
    planned.current = text
    reset()
  }, [text, reset])
  const changes = plan.data?.changes.filter((c) => c.action !== 'unchanged') ?? []
  return (
    <div className="stack">
      <div className="row wrap">
        <Button variant="light" disabled={disabled} loading={plan.isPending} onClick={() => plan.mutate(undefined)}>{t('plan.show')}</Button>
        {children}
      </div>
      <div aria-live="polite" className="stack">
        {plan.isError && <Trouble problem={asProblem(plan.error)} />}
        {plan.data && !changes.length && <div className="note-box">{t('plan.same')}</div>}
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
        {apply.isError && <Trouble problem={asProblem(apply.error)} />}
      </div>
    </div>
  )
}
