import { Button, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { api, asProblem, must } from '../../api/client'
import { useMay } from '../../api/session'
import { PeopleTable } from '../../people/PeoplePage'
import { useBrand } from '../../shell/Shell'
import { Panel } from '../../ui/Page'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { count, percent } from '../../words/numbers'
import { preview } from '../queries'

const examples = ['did "Order Completed" at least 3 times within 90d', 'orders.count >= 1 and did not "Product Viewed" within 30d', 'consent stories on email is granted and not in segment "in-trouble"', 'has open case']

/** Tries a rule on everyone before it is kept: how many, and some of them. */
export function TryRule({ onClose }: { onClose: () => void }) {
  const may = useMay()
  const go = useNavigate()
  const brand = useBrand()
  const [rule, setRule] = useState('')
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const trial = useAct({ quiet: true, run: preview })
  const save = useAct({
    quiet: true, done: 'The segment is being built from history. It fills within moments.', touches: [['segments'], ['specs']],
    run: () => must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'segment', name }, header: { 'If-None-Match': '*' } }, body: { title: title || undefined, rule } as never })),
    after: () => { void go(`/segments/${name}`) },
  })
  const p = trial.data
  return (
    <Panel title="Try a rule" aside={<Button size="compact-sm" variant="subtle" color="gray" onClick={onClose}>Close</Button>}>
      <div className="stack loose">
        <form className="stack editor" onSubmit={(e) => { e.preventDefault(); trial.mutate(rule.trim()) }}>
          <Textarea label="Rule" value={rule} onChange={(e) => { setRule(e.currentTarget.value); trial.reset() }} autosize minRows={3} spellCheck={false} required placeholder={examples[0]} />
          <div className="row wrap" style={{ gap: 6 }}>
            <span className="soft small">Examples:</span>
            {examples.map((x) => <Button key={x} size="compact-xs" variant="default" onClick={() => { setRule(x); trial.reset() }}><span className="mono">{x}</span></Button>)}
          </div>
          <div><Button type="submit" variant="light" loading={trial.isPending} disabled={!rule.trim()}>Count the people</Button></div>
        </form>
        {trial.isError && <Trouble problem={asProblem(trial.error)} />}
        {p && (
          <div className="stack loose">
            <div>
              <span style={{ fontSize: '1.75rem', fontWeight: 500, letterSpacing: '-0.02em' }} className="num">{p.exact ? '' : 'about '}{count(p.people)}</span>
              <span className="soft"> of {count(p.total)} people{p.total ? `, ${percent(p.people / p.total)}` : ''}</span>
              {p.note && <p className="soft small">{p.note}</p>}
              <p className="small"><span className="soft">Understood as:</span> <code>{p.rule}</code></p>
            </div>
            {p.sample.length > 0 && <div style={{ margin: '0 -16px' }}><PeopleTable rows={p.sample} currency={brand.data?.currency} /></div>}
            {may('specs:write') && (
              <form className="row wrap" style={{ alignItems: 'flex-end' }} onSubmit={(e) => { e.preventDefault(); save.mutate(undefined) }}>
                <TextInput label="Title" value={title} onChange={(e) => {
                  const t = e.currentTarget.value
                  if (!name || name === slug(title)) setName(slug(t))
                  setTitle(t)
                }} placeholder="Three orders or more" />
                <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required pattern="[A-Za-z0-9][A-Za-z0-9_.\-]*" maxLength={64} placeholder="regulars" />
                <Button type="submit" loading={save.isPending} disabled={!name}>Keep as a segment</Button>
              </form>
            )}
            {save.isError && <Trouble problem={asProblem(save.error)} />}
          </div>
        )}
      </div>
    </Panel>
  )
}

/** "Three orders or more" as "three-orders-or-more". */
export const slug = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64)
