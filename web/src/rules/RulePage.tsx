import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconTrash } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Navigate, useNavigate, useParams } from 'react-router'
import { api, asProblem, must } from '../api/client'
import { useMay } from '../api/session'
import { Confirm } from '../ui/Confirm'
import { fresh } from '../ui/fresh'
import { Overtaken, useOvertaken } from '../ui/Overtaken'
import { Page, Panel } from '../ui/Page'
import { asFile, matching, newest } from '../ui/seen'
import { Await, Trouble } from '../ui/State'
import { Unsaved } from '../ui/Unsaved'
import { useEdit } from '../ui/useEdit'
import { useSteady } from '../ui/useSteady'
import { words } from '../words/i18n'
import { beginning, nameFrom, put, text } from './document'
import { CapForm } from './parts/CapForm'
import { PurposeForm } from './parts/PurposeForm'
import { QuietForm } from './parts/QuietForm'
import { Rehearsed } from './parts/Rehearsed'
import { RuleForm } from './parts/RuleForm'
import { bodyOf, titleOf, useSpecs, type Body, type Draft, type RuleKind, type Spec } from './queries'
import './rules.css'

const t = words('rules')
const kinds: RuleKind[] = ['purpose', 'rule', 'quiet_hours', 'cap']

export default function RulePage() {
  const { kind = '', name = '' } = useParams()
  const known = kinds.find((k) => k === kind)
  const specs = useSpecs(known ?? 'rule')
  const [dirty, setDirty] = useState(false)
  const now = specs.data?.find((s) => s.name === name)
  const [theirs, setTheirs] = useState<Spec>()
  const spec = useSteady(`${kind}/${name}`, newest(now, theirs), dirty)
  if (!known) return <Navigate to="/rules" replace />
  const title = name === fresh ? t(`new.${known}`) : spec ? titleOf(spec) : name
  return (
    <Page title={title} crumb={{ to: `/rules/${known}`, text: t(`tab.${known}`) }}>
      <Await query={specs} lines={8}>{() => (name !== fresh && !spec
        ? <Trouble problem={{ title: '', status: 404, code: 'not_found', detail: t('gone', { name }) }} />
        : <Editing key={`${known}/${name}/${spec?.version ?? 0}`} kind={known} spec={spec} names={specs.data?.map((s) => s.name) ?? []} onDirty={setDirty} onTake={setTheirs} />)}</Await>
    </Page>
  )
}

const putBack = (path: { kind: RuleKind; name: string }, body: Body | null, seen: number): Promise<unknown> => (body
  ? must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path, header: matching(seen) }, body: body as never }))
  : must(api.DELETE('/api/v1/specs/{kind}/{name}', { params: { path, header: matching(seen) } })))

/** The form on one side, what the change would have done on the other. */
function Editing({ kind, spec, names, onDirty, onTake }: { kind: RuleKind; spec?: Spec; names: string[]; onDirty: (dirty: boolean) => void; onTake: (theirs: Spec) => void }) {
  const may = useMay()
  const navigate = useNavigate()
  const writes = may('specs:write')
  const stored = useMemo(() => (spec ? bodyOf(spec) : beginning(kind)), [spec, kind])
  const [body, setBody] = useState<Body>(stored)
  const [typed, setTyped] = useState<string>()
  const [leaving, setLeaving] = useState(false)
  const name = spec?.name ?? typed ?? nameFrom(text(body, 'title'))
  const edited = JSON.stringify(body) !== JSON.stringify(stored)
  const changed = !spec || edited
  const draft = useMemo<Draft | null>(() => (changed && name ? { kind, name, body } : null), [changed, kind, name, body])
  const [settled] = useDebouncedValue(draft, 500)
  const taken = !spec && names.includes(name)
  const touches = [['specs'], ['rehearsal']]
  const path = { kind, name }
  /** What saving replaces, so that it can be undone; null: nothing. */
  const replaced = useRef<Body | null>(stored)
  /** Over the version that has been seen, or over another one. */
  const save = useEdit<number | undefined, Spec>({
    quiet: true, done: t('saved'), touches,
    run: (seen) => must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path, header: matching(seen ?? over.seen) }, body: body as never })),
    back: spec && (async (_, now) => { await putBack(path, replaced.current, now.version) }),
    after: (now) => { over.saved(now.version); onDirty(false); if (!spec) void navigate(`/rules/${kind}/${name}`, { replace: true }) },
  })
  const over = useOvertaken(kind, name, spec?.version ?? 0, save.error)
  const erase = useEdit({
    done: t('deleted'), touches,
    run: () => must(api.DELETE('/api/v1/specs/{kind}/{name}', { params: { path, header: { 'If-Match': `"v${spec?.version ?? 0}"` } } })),
    back: () => must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path, header: { 'If-None-Match': '*' } }, body: stored as never })),
    shown: () => [{ key: ['specs', 'of', kind], as: (all: Spec[]) => all.filter((s) => s.name !== name) }],
  })
  useEffect(() => onDirty(changed), [changed, onDirty])
  const Form = { purpose: PurposeForm, rule: RuleForm, quiet_hours: QuietForm, cap: CapForm }[kind]
  return (
    <div className="rule-edit">
      <Unsaved when={writes && edited} />
      <Panel>
        <form className="stack loose" onSubmit={(e) => { e.preventDefault(); if (!over.theirs) save.mutate(undefined) }}>
          <fieldset disabled={!writes} className="stack loose" style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
            <TextInput label={t('field.title')} description={t(`about.${kind}`)} value={text(body, 'title')} onChange={(e) => setBody(put(body, 'title', e.currentTarget.value))} maxLength={120} data-autofocus />
            {!spec && <TextInput label={t('field.name')} description={t('field.nameAbout')} value={name} onChange={(e) => setTyped(e.currentTarget.value)} error={taken ? t('taken') : undefined} maxLength={64} required />}
            <Form body={body} onChange={setBody} />
          </fieldset>
          {writes && <Overtaken over={over} files={asFile(kind, name, body)} busy={save.isPending} disabled={!changed} onSave={(seen, theirs) => {
            replaced.current = theirs.deleted ? null : bodyOf(theirs)
            save.mutate(seen)
          }} onTake={(theirs) => {
            onDirty(false)
            if (theirs.deleted) void navigate(`/rules/${kind}`, { replace: true })
            else if (spec) onTake(theirs)
            else void navigate(`/rules/${kind}/${name}`, { replace: true })
          }} />}
          {save.isError && !over.theirs && <Trouble problem={asProblem(save.error)} />}
          {writes && (
            <div className="row between wrap">
              {spec ? <Button variant="subtle" color="gray" c="var(--bad)" leftSection={<IconTrash size={16} />} onClick={() => setLeaving(true)}>{t('delete')}</Button> : <span />}
              <div className="row">
                {spec && changed && <Button variant="default" onClick={() => setBody(stored)}>{t('discard')}</Button>}
                <Button type="submit" disabled={!changed || !name || taken || !!over.theirs} loading={save.isPending}>{t('save')}</Button>
              </div>
            </div>
          )}
        </form>
      </Panel>
      <Rehearsed draft={leaving && spec ? { kind, name, body: null } : settled} fresh={draft === settled} />
      <Confirm opened={leaving} onClose={() => setLeaving(false)} title={t('deleteTitle', { name })} action={t('delete')} danger onConfirm={() => { onDirty(false); void navigate(`/rules/${kind}`, { replace: true }); erase.mutate() }}>
        <p>{t('deleteText')}</p>
        <Rehearsed draft={spec ? { kind, name, body: null } : null} fresh short />
      </Confirm>
    </div>
  )
}
