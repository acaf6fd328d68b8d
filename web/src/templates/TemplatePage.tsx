import { Button } from '@mantine/core'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api, asProblem, must, type Schemas } from '../api/client'
import { useMay } from '../api/session'
import { fresh } from '../ui/fresh'
import { Overtaken, useOvertaken } from '../ui/Overtaken'
import { asFile, matching, newest } from '../ui/seen'
import { Page, Panel } from '../ui/Page'
import { Await, Loading, Trouble } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { Unsaved } from '../ui/Unsaved'
import { useAct } from '../ui/useAct'
import { useFilters } from '../ui/useParams'
import { When } from '../ui/When'
import { words } from '../words/i18n'
import { readable } from '../words/words'
import { compile, starter } from './mjml'
import { Details } from './parts/Details'
import { Reading } from './parts/Reading'
import { TestSend } from './parts/TestSend'
import type { Drawing } from './parts/VisualEditor'
import { Versions } from './parts/Versions'
import { useTemplate, useTraits, type Body } from './queries'
import './templates.css'

const t = words('templates')

// Both are heavy: who reads a template does not wait for them.
const VisualEditor = lazy(() => import('./parts/VisualEditor'))
const CodeEditor = lazy(() => import('./parts/CodeEditor'))

export default function TemplatePage() {
  const { name = '' } = useParams()
  const [get] = useFilters()
  const template = useTemplate(name)
  if (name === fresh) return <Fresh channel={get('channel') || 'email'} />
  return template.data
    ? <Template key={name} name={name} saved={template.data} start={template.data.body as Body} />
    : <Page title={readable(name)} crumb={{ to: '/templates', text: t('title') }}><Await query={template}>{() => null}</Await></Page>
}

/** A new mail begins with a design that can be sent as it is. */
function Fresh({ channel }: { channel: string }) {
  const [start, setStart] = useState<Body>()
  useEffect(() => {
    if (channel !== 'email') return setStart({ channel, body: '{\n  "person": "{{ person.id }}"\n}' })
    void compile(starter).then(({ html }) => setStart({ channel, subject: t('starter.subject'), mjml: starter, html }))
  }, [channel])
  return start ? <Template name="" start={start} /> : <Loading />
}

function Template({ name, saved, start }: { name: string; saved?: Schemas['Spec']; start: Body }) {
  const may = useMay()
  const go = useNavigate()
  const [get] = useFilters()
  const [body, setBody] = useState(start)
  /** What it was when somebody began to change it. */
  const [base, setBase] = useState(saved)
  const [board, setBoard] = useState(0)
  const [drawn, setDrawn] = useState(false) // on the board, and not in the body yet
  const drawing = useRef<Drawing>(null)
  const [called, setCalled] = useState(name)
  const [errors, setErrors] = useState<string[]>([])
  const traits = useTraits()
  const change = (part: Partial<Body>) => setBody((b) => clean({ ...b, ...part }))
  const dirty = !base || drawn || JSON.stringify(body) !== JSON.stringify(clean(base.body as Body))
  const writes = may('specs:write')
  const mail = body.channel === 'email'
  const tab = get('tab') || (saved ? 'read' : 'write')

  /** The template as it stands, with what was drawn a moment ago. */
  const latest = async () => {
    const mjml = await drawing.current?.latest() ?? body.mjml
    return mjml === undefined || mjml === (base?.body as Body | undefined)?.mjml ? body : clean({ ...body, mjml, html: (await compile(mjml)).html || body.html })
  }
  /** Over the version that has been seen, or over another one. */
  const save = useAct({
    quiet: true, done: t('saved'), touches: [['specs']],
    run: async (seen: number | undefined) => {
      const sent = await latest()
      const stored = await must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'template', name: called }, header: matching(seen ?? over.seen) }, body: sent as never }))
      return { stored: { ...stored, body: sent }, was: body }
    },
    after: ({ stored, was }) => {
      over.saved(stored.version)
      setBase(stored)
      setBody((b) => (b === was ? stored.body : b))
      if (!saved) void go(`/templates/${called}?tab=${tab}`, { replace: true })
    },
  })

  const over = useOvertaken('template', called, base?.version ?? 0, save.error)
  const theirs = save.isPending ? undefined : over.theirs // what is on its way is nobody else's
  const begin = (from: Schemas['Spec']) => {
    setBase(from)
    setBody(from.body as Body)
    setBoard((n) => n + 1)
  }
  const now = newest(saved, theirs)
  const held = dirty || save.isPending || !!drawing.current?.busy()
  if (base && now && now.version > base.version && !now.deleted && !held) begin(now) // who only reads follows
  const take = (theirs: Schemas['Spec']) => {
    if (theirs.deleted) void go('/templates', { replace: true })
    else if (saved) begin(theirs)
    else void go(`/templates/${called}?tab=write`, { replace: true })
  }

  const compiled = async (mjml: string) => {
    setDrawn(false)
    setBody((b) => ({ ...b, mjml }))
    const got = await compile(mjml)
    setErrors(got.errors)
    if (got.html) setBody((b) => (b.mjml === mjml ? { ...b, html: got.html } : b))
  }

  const tabs = [
    { to: '?tab=read', text: t('tab.read'), here: tab === 'read' },
    ...(writes ? [
      { to: '?tab=write', text: t('tab.write'), here: tab === 'write' },
      ...(mail ? [{ to: '?tab=draw', text: t('tab.draw'), here: tab === 'draw' }, { to: '?tab=code', text: body.mjml ? 'MJML' : 'HTML', here: tab === 'code' }] : []),
    ] : []),
    ...(base ? [{ to: '?tab=versions', text: t('tab.versions'), here: tab === 'versions' }] : []),
  ]
  const title = body.title || (called ? readable(called) : t('new'))
  return (
    <Page title={title} crumb={{ to: '/templates', text: t('title') }}
      lead={base && <>{base.name}, {t('version', { n: base.version })}{base.made_by && ` · ${base.made_by}`}, <When at={base.made_at} long /></>}
      actions={writes && <>
        {mail && <TestSend name={called} body={body} />}
        <Button loading={save.isPending} disabled={!dirty || !!theirs || !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(called)} onClick={() => save.mutate(undefined)}>{t('save')}</Button>
      </>}>
      <Unsaved when={writes && dirty && (!!base || body !== start)} />
      {writes && !saved && !called && tab !== 'write' && <p className="note-box" style={{ marginBottom: 16 }}><Link to="?tab=write">{t('name.missing')}</Link></p>}
      {writes && held && theirs && <div style={{ marginBottom: 16 }}><Overtaken over={over} files={asFile('template', called, body)} busy={save.isPending} onSave={(seen) => save.mutate(seen)} onTake={take} /></div>}
      {save.isError && !theirs && <div style={{ marginBottom: 16 }}><Trouble problem={asProblem(save.error)} /></div>}
      <TabLinks label={t('tabs')} tabs={tabs} />
      {errors.length > 0 && (tab === 'code' || tab === 'draw') && <div className="problem" role="alert" style={{ marginBottom: 12 }}><ul>{errors.slice(0, 5).map((e) => <li key={e} className="small">{e}</li>)}</ul></div>}
      <Suspense fallback={<Loading lines={8} />}>
        {tab === 'write' ? <div className="two"><Panel title={t('details')}><Details body={body} change={change} name={called} setName={saved ? undefined : setCalled} /></Panel><Reading narrow name={called} body={body} /></div>
          : tab === 'draw' && mail ? (body.mjml
            ? <VisualEditor key={board} ref={drawing} mjml={body.mjml} traits={traits.data ?? []} onDraw={() => setDrawn(true)} onChange={(mjml) => void compiled(mjml)} />
            : <Panel title={t('draw.none')}><div className="stack loose"><p>{t('draw.none.what')}</p><div><Button onClick={() => void compiled(starter)}>{t('draw.begin')}</Button></div></div></Panel>)
          : tab === 'code' && mail ? <div className="stack">
            <p className="soft small">{body.mjml ? t('code.mjml') : t('code.html')}</p>
            <CodeEditor key={`${board} ${body.mjml ? 'mjml' : 'html'}`} label={body.mjml ? 'MJML' : 'HTML'} traits={traits.data ?? []} value={(body.mjml ?? body.html) ?? ''} onChange={(text) => void (body.mjml !== undefined ? compiled(text) : change({ html: text }))} />
          </div>
          : tab === 'versions' && base ? <Versions name={base.name} current={base.version} onTake={writes ? (old) => { setBody(old); void go('?tab=read') } : undefined} />
          : <Reading name={called} body={body} />}
      </Suspense>
    </Page>
  )
}

/** A document says only what is there. */
function clean(b: Body): Body {
  return Object.fromEntries(Object.entries(b).filter(([, v]) => v !== '' && v !== undefined)) as Body
}
