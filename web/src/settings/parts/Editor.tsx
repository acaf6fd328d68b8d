import { Button, Select, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { IconTrash } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { api, ApiError, asProblem, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { Confirm } from '../../ui/Confirm'
import { Overtaken, useOvertaken } from '../../ui/Overtaken'
import { Pill } from '../../ui/Pill'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { useEdit } from '../../ui/useEdit'
import { useSteady } from '../../ui/useSteady'
import { When } from '../../ui/When'
import { day } from '../../words/time'
import { kindText } from '../../words/words'
import { asText, documents, type SpecKind } from '../yaml'
import { words } from '../../words/i18n'

const t = words('settings')
const ui = words('ui')

type Of = { kind: string; name: string }
type Seen = Record<string, number>
const keyOf = (d: Of) => `${d.kind}/${d.name}`
const version = (all: Schemas['Spec'][], d: Of) => all.find((s) => s.kind === d.kind && s.name === d.name)?.version ?? 0

type Plan = Schemas['PlanOut']

/**
 * One document as text, to which others can be added. Nothing counts before its plan was seen, and none of them is saved over what
 * a colleague has saved of it meanwhile. `all` are the documents as they are now.
 */
export function Editor({ kind, name, text: stored, spec, all, fresh, onDirty, onSaved, onClosed }: {
  kind: SpecKind
  name?: string
  text: string
  spec?: Schemas['Spec']
  all: Schemas['Spec'][]
  fresh?: boolean
  onDirty?: (dirty: boolean) => void
  onSaved: (kind: string, name: string) => void
  onClosed: () => void
}) {
  const may = useMay()
  const writes = may('specs:write') && (may('data:manage') || !['brand', 'source', 'channel'].includes(kind))
  const client = useQueryClient()
  const [text, setText] = useState(stored)
  const [erasing, setErasing] = useState(false)
  const files = { 'console.yaml': text }
  const touches = [['specs'], ['journeys'], ['segments'], ['sources']]
  const docs = documents(files)
  const first = docs[0] ?? { kind, name: name ?? '', text }
  // Under another name it is another document: nobody has seen one of that name.
  const same = first.kind === kind && first.name === name
  const before = useSteady('all', all, text !== stored)
  /** Versions of a colleague's that count as seen. */
  const [accepted, setAccepted] = useState<Seen>({})
  const seen = (d: Of) => accepted[keyOf(d)] ?? (keyOf(d) === keyOf(first) ? (same && spec ? spec.version : 0) : version(before, d))
  const wanted = (more: Seen) => ({ files, versions: Object.fromEntries((docs.length ? docs : [first]).filter((d) => d.name).map((d) => [keyOf(d), more[keyOf(d)] ?? seen(d)])) })
  const plan = useAct({ quiet: true, run: (more: Seen = {}): Promise<Plan> => must(api.POST('/api/v1/specs/plan', { body: wanted(more) })) })
  /** With versions: over those, without another look at the plan. */
  const apply = useAct<Seen | undefined, unknown>({
    quiet: true, done: t('editor.saved'), touches,
    run: (more) => must(api.POST('/api/v1/specs/apply', { params: { query: { token: more ? undefined : plan.data?.token } }, body: wanted(more ?? {}) })),
    after: () => {
      over.saved()
      plan.reset()
      setAccepted({})
      if (docs.length > 1) setText(stored) // what was added is a document of its own now
      onDirty?.(false)
      if (docs.length) onSaved(first.kind, first.name)
    },
  })
  const error = plan.error ?? apply.error
  const refused = error instanceof ApiError && error.status === 412
  useEffect(() => { if (refused) void client.invalidateQueries({ queryKey: ['specs', 'all'] }) }, [refused, client])
  // The first of them that somebody has saved meanwhile.
  const which = docs.find((d) => (seen(d) > 0 || refused) && version(all, d) !== seen(d)) ?? first
  const over = useOvertaken(which.kind as SpecKind, which.name, seen(which), error)
  const erase = useEdit({
    done: t('editor.deleted'), touches, back: () => must(api.POST('/api/v1/specs/apply', { body: { files: { 'console.yaml': stored }, versions: { [`${kind}/${name}`]: 0 } } })),
    run: () => must(api.DELETE('/api/v1/specs/{kind}/{name}', { params: { path: { kind, name: name! }, header: { 'If-Match': `"v${spec?.version ?? 0}"` } } })),
    after: () => { setErasing(false); onClosed() },
  })
  const changed = text !== stored || fresh
  useEffect(() => onDirty?.(text !== stored), [text, stored, onDirty])
  const change = (value: string) => {
    setText(value)
    plan.reset()
    apply.reset()
  }
  const place = kind === 'journey' ? `/journeys/${name}` : kind === 'segment' ? `/segments/${name}` : undefined
  return (
    <div className="stack" style={{ padding: 16 }}>
      <div className="row between wrap">
        <div>
          <Link to="/settings/configuration" className="small" style={{ display: 'block' }} preventScrollReset>← {t('documents.all')}</Link>
          <h2 style={{ fontSize: '1rem', fontWeight: 600 }}>{fresh ? t('editor.new', { kind: kindText(kind) }) : name}</h2>
          {spec && <div className="soft small">{spec.made_by ? t('editor.version-by', { kind: kindText(kind), version: spec.version, by: spec.made_by }) : t('editor.version', { kind: kindText(kind), version: spec.version })}, <When at={spec.made_at} />{place && <> · <Link to={place}>{t('editor.at-work')}</Link></>}</div>}
        </div>
        <div className="row">
          {name && <Versions kind={kind} name={name} onPick={change} current={stored} />}
          {writes && !fresh && <Button variant="subtle" color="gray" size="compact-md" leftSection={<IconTrash size={15} />} onClick={() => setErasing(true)}>{t('editor.delete')}</Button>}
        </div>
      </div>
      <div className="editor">
        <Textarea aria-label={name ? t('editor.text', { name }) : t('editor.text-new', { kind: kindText(kind) })} value={text} onChange={(e) => change(e.currentTarget.value)} readOnly={!writes} autosize minRows={14} maxRows={34} spellCheck={false}
          onKeyDown={(e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && changed && !over.theirs) { e.preventDefault(); plan.mutate({}) } }} />
      </div>
      {!writes && <p className="soft small">{t('editor.read-only')}</p>}
      {writes && <Overtaken over={over} files={{ 'console.yaml': which.text }} busy={apply.isPending} disabled={!changed} onSave={(version) => {
        const more = { ...accepted, [keyOf(which)]: version }
        setAccepted(more)
        plan.reset()
        apply.reset()
        if (docs.length > 1) plan.mutate(more)
        else apply.mutate(more)
      }} onTake={(theirs) => {
        if (docs.length > 1) { // the others are still the author's
          const kept = docs.flatMap((d) => (d !== which ? [d.text] : theirs.deleted ? [] : [asText(theirs.kind, theirs.name, theirs.body)]))
          setAccepted({ ...accepted, [keyOf(which)]: over.accept(theirs) })
          change(kept.map((part) => part.replace(/\n*$/, '\n')).join('---\n'))
          return
        }
        setText(stored)
        onDirty?.(false)
        void client.invalidateQueries({ queryKey: ['specs'] })
        if (theirs.deleted) onClosed()
        else onSaved(theirs.kind, theirs.name)
      }} />}
      {writes && (
        <div className="row wrap">
          <Button variant="light" disabled={!changed || !!over.theirs} loading={plan.isPending} onClick={() => plan.mutate({})}>{t('editor.plan')}</Button>
          {changed && !fresh && <Button variant="subtle" color="gray" onClick={() => change(stored)}>{t('editor.back')}</Button>}
          {fresh && <Button variant="subtle" color="gray" onClick={onClosed}>{ui('cancel')}</Button>}
          <span className="soft small wide-only">{t('editor.plan-key')}</span>
        </div>
      )}
      <div aria-live="polite" className="stack">
        {plan.isError && !over.theirs && <Trouble problem={asProblem(plan.error)} />}
        {plan.data && !over.theirs && <PlanView plan={plan.data} busy={apply.isPending} onApply={() => apply.mutate(undefined)} />}
        {apply.isError && !over.theirs && <Trouble problem={asProblem(apply.error)} />}
      </div>
      <Confirm opened={erasing} onClose={() => setErasing(false)} title={t('editor.delete-title', { kind: kindText(kind), name })} action={t('editor.delete')} danger busy={erase.isPending} onConfirm={() => erase.mutate()}>
        <p>{t('editor.delete-about')}</p>
      </Confirm>
    </div>
  )
}

function PlanView({ plan, busy, onApply }: { plan: Plan; busy: boolean; onApply: () => void }) {
  const real = plan.changes.filter((c) => c.action !== 'unchanged')
  if (!real.length) return <div className="note-box">{t('editor.unchanged')}</div>
  return (
    <div className="note-box stack">
      <div className="eyebrow">{plan.summary}</div>
      {real.map((c) => (
        <div key={`${c.kind}/${c.name}`} className="stack" style={{ gap: 6 }}>
          <div className="row"><Pill tone={c.action === 'delete' ? 'bad' : c.action === 'create' ? 'good' : 'accent'}>{t(`action.${c.action}`)}</Pill><span>{kindText(c.kind)} <b>{c.name}</b></span></div>
          <pre className="code wrap" tabIndex={0} role="region" aria-label={t('editor.changes', { name: c.name })}>{c.diff.map((d, i) => <div key={i} className={d.startsWith('+') ? 'plus' : d.startsWith('-') ? 'minus' : undefined}>{d}</div>)}</pre>
        </div>
      ))}
      <div><Button loading={busy} onClick={onApply}>{t('editor.apply')}</Button></div>
    </div>
  )
}

/** Earlier versions, to be read and, as a new one, taken back. */
function Versions({ kind, name, current, onPick }: { kind: SpecKind; name: string; current: string; onPick: (text: string) => void }) {
  const versions = useQuery({ queryKey: ['specs', 'versions', kind, name], queryFn: () => must(api.GET('/api/v1/specs/{kind}/{name}/versions', { params: { path: { kind, name } } })) })
  const items = versions.data?.items ?? []
  if (items.length < 2) return null
  return (
    <Select size="xs" w={210} aria-label={t('editor.versions')} allowDeselect={false} defaultValue={String(items[0].version)}
      data={items.map((v, i) => ({ value: String(v.version), label: `v${v.version}${i === 0 ? `, ${t('editor.in-force')}` : ''} · ${day(Date.parse(v.made_at ?? ''))}` }))}
      onChange={(value) => {
        const v = items.find((x) => String(x.version) === value)
        if (v) onPick(v === items[0] ? current : asText(kind, name, v.body))
      }} />
  )
}
