import { Button, Checkbox, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { asProblem } from '../../api/client'
import { useMay } from '../../api/session'
import { PeopleTable } from '../../people/PeoplePage'
import { useBrand } from '../../shell/Shell'
import { Panel } from '../../ui/Page'
import { newest, type Spec } from '../../ui/seen'
import { Trouble } from '../../ui/State'
import { Discard, Unsaved } from '../../ui/Unsaved'
import { useSteady } from '../../ui/useSteady'
import { useQuery } from '@tanstack/react-query'
import { api, must } from '../../api/client'
import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import { RuleEditor } from '../builder'
import { usePreview } from '../queries'
import { PlanBar } from './PlanBar'
import { ruleText } from './ruleText'
import { slug } from './slug'

const t = words('segments')

/** A segment while it is written: its rule in both forms, and whom it holds for. Without a name it is a new one. */
export function SegmentEditor({ name, onClose }: { name?: string; onClose: () => void }) {
  const stored = useQuery({ queryKey: ['specs', 'one', 'segment', name], enabled: !!name, queryFn: () => must(api.GET('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'segment', name: name! } } })) })
  const [dirty, setDirty] = useState(false)
  const [theirs, setTheirs] = useState<Spec>()
  const spec = useSteady(name ?? '', newest(stored.data, theirs), dirty)
  if (name && !spec) return null
  return <Form key={spec?.version ?? 0} spec={spec} onDirty={setDirty} onClose={onClose} onTake={(taken) => { setDirty(false); if (taken.deleted) onClose(); else setTheirs(taken) }} />
}

type Body = { title?: string; rule?: unknown; enter_existing?: boolean }

function Form({ spec, onDirty, onClose, onTake }: { spec?: Spec; onDirty: (dirty: boolean) => void; onClose: () => void; onTake: (theirs: Spec) => void }) {
  const may = useMay()
  const go = useNavigate()
  const body = (spec?.body ?? {}) as Body
  const [rule, setRule] = useState({ text: ruleText(body.rule), valid: !!spec })
  const [title, setTitle] = useState(body.title ?? '')
  const [name, setName] = useState(spec?.name ?? '')
  const [loud, setLoud] = useState(body.enter_existing === true)
  const doc = { ...body, title: title || undefined, rule: rule.text, enter_existing: loud || undefined }
  const dirty = rule.text !== ruleText(body.rule) || title !== (body.title ?? '') || loud !== (body.enter_existing === true)
  const unsaved = dirty && may('specs:write')
  const [closing, setClosing] = useState(false)
  useEffect(() => onDirty(dirty), [dirty, onDirty])
  return (
    <Panel title={spec ? t('editor.edit') : may('specs:write') ? t('new') : t('try')} aside={<Button size="compact-sm" variant="subtle" color="gray" onClick={() => (unsaved ? setClosing(true) : onClose())}>{t('close')}</Button>}>
      <Unsaved when={unsaved} />
      <Discard opened={closing} onClose={() => setClosing(false)} onDiscard={onClose} />
      <div className="stack loose">
        <RuleEditor label={t('who')} value={body.rule as string | undefined} onChange={setRule} />
        <Live rule={rule.valid ? rule.text : ''} />
        {may('specs:write') && (
          <div className="stack">
            <div className="row wrap" style={{ alignItems: 'flex-end' }}>
              <TextInput label={t('editor.title')} value={title} onChange={(e) => {
                const text = e.currentTarget.value
                if (!spec && (!name || name === slug(title))) setName(slug(text))
                setTitle(text)
              }} placeholder={t('editor.title-example')} w={280} />
              {!spec && <TextInput label={t('editor.name')} value={name} onChange={(e) => setName(e.currentTarget.value)} w={220} maxLength={64} />}
            </div>
            <Checkbox label={t('editor.loud')} description={t('editor.loud-about')} checked={loud} onChange={(e) => setLoud(e.currentTarget.checked)} />
            <PlanBar kind="segment" name={name} doc={doc} began={spec?.version ?? 0} onTake={(theirs) => { if (spec) onTake(theirs); else void go(`/segments/${name}`, { replace: true }) }} disabled={!rule.valid || !rule.text.trim() || !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)} onSaved={() => { if (spec) onClose(); else void go(`/segments/${name}`, { replace: true }) }} />
          </div>
        )}
      </div>
    </Panel>
  )
}

/** How many the rule holds for now, and some of them, while it is written. */
function Live({ rule }: { rule: string }) {
  const brand = useBrand()
  const [settled] = useDebouncedValue(rule, 500)
  const preview = usePreview(settled)
  const p = settled && !preview.isError ? preview.data : undefined
  return (
    <div className="stack" aria-live="polite" aria-busy={preview.isFetching}>
      {!settled && <p className="soft">{t('preview.none')}</p>}
      {settled && preview.isError && (asProblem(preview.error).status === 503 ? <div className="note-box">{asProblem(preview.error).detail}</div> : <Trouble problem={asProblem(preview.error)} />)}
      {p && (
        <div style={{ opacity: preview.isFetching || rule !== settled ? 0.6 : 1 }} className="stack">
          <div>
            <span style={{ fontSize: '1.6rem', fontWeight: 500, letterSpacing: '-0.02em' }} className="num" data-testid="preview-count">{p.exact ? count(p.people) : t('preview.about', { people: count(p.people) })}</span>{' '}
            <span className="soft">{t('preview.of', { count: p.total })}{p.total ? `, ${percent(p.people / p.total)}` : ''}</span>
            {!p.exact && <p className="soft small">{t('preview.between', { low: p.low ?? 0, high: p.high ?? 0, count: p.asked ?? 0 })}</p>}
            {p.note && <p className="soft small">{p.note}</p>}
          </div>
          {p.sample.length > 0 && <div style={{ margin: '0 -16px' }}><PeopleTable rows={p.sample} currency={brand.data?.currency} /></div>}
        </div>
      )}
    </div>
  )
}
