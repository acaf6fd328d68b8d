import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api, asProblem, must, type Schemas } from '../api/client'
import { useMay } from '../api/session'
import { fresh } from '../ui/fresh'
import { Overtaken, useOvertaken } from '../ui/Overtaken'
import { asFile, matching } from '../ui/seen'
import { Page, Panel } from '../ui/Page'
import { Await, Loading, Trouble } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { useAct } from '../ui/useAct'
import { useFilters } from '../ui/useParams'
import { useSteady } from '../ui/useSteady'
import { When } from '../ui/When'
import { words } from '../words/i18n'
import { readable } from '../words/words'
import { compile, starter } from './mjml'
import { Details } from './parts/Details'
import { Reading } from './parts/Reading'
import { TestSend } from './parts/TestSend'
import { Versions } from './parts/Versions'
import { templateKey, useTemplate, useTraits, type Body } from './queries'
import './templates.css'

const t = words('templates')

// Both are heavy: who reads a template does not wait for them.
const VisualEditor = lazy(() => import('./parts/VisualEditor'))
const CodeEditor = lazy(() => import('./parts/CodeEditor'))

export default function TemplatePage() {
  const { name = '' } = useParams()
  const [get] = useFilters()
  const template = useTemplate(name)
  const [dirty, setDirty] = useState(false)
  const saved = useSteady(name, template.data, dirty)
  if (name === fresh) return <Fresh channel={get('channel') || 'email'} />
  return saved
    ? <Template key={`${name} ${saved.version}`} name={name} saved={saved} start={saved.body as Body} onDirty={setDirty} />
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

function Template({ name, saved, start, onDirty }: { name: string; saved?: Schemas['Spec']; start: Body; onDirty?: (dirty: boolean) => void }) {
  const may = useMay()
  const go = useNavigate()
  const client = useQueryClient()
  const [get] = useFilters()
  const [body, setBody] = useState(start)
  const [called, setCalled] = useState(name)
  const [errors, setErrors] = useState<string[]>([])
  const traits = useTraits()
  const change = (part: Partial<Body>) => setBody((b) => clean({ ...b, ...part }))
  const dirty = !saved || JSON.stringify(body) !== JSON.stringify(clean(start))
  const writes = may('specs:write')
  const mail = body.channel === 'email'
  const tab = get('tab') || (saved ? 'read' : 'write')

  useEffect(() => onDirty?.(dirty), [dirty, onDirty])
  useEffect(() => {
    if (!dirty || !writes) return
    const ask = (e: BeforeUnloadEvent) => e.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [dirty, writes])

  /** Over the version that has been seen, or over another one. */
  const save = useAct<number | undefined, Schemas['Spec']>({
    quiet: true, done: t('saved'), touches: [['specs']],
    run: (seen) => must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'template', name: called }, header: matching(seen ?? over.seen) }, body: body as never })),
    after: (now) => { over.saved(now.version); onDirty?.(false); if (!saved) void go(`/templates/${called}?tab=write`, { replace: true }) },
  })

  const over = useOvertaken('template', called, saved?.version ?? 0, save.error)
  const { theirs } = over
  useEffect(() => {
    if (theirs && saved && !dirty && !theirs.deleted) client.setQueryData(templateKey(called), theirs) // who only reads follows
  }, [theirs, saved, dirty, client, called])
  const take = (theirs: Schemas['Spec']) => {
    onDirty?.(false)
    if (theirs.deleted) return void go('/templates')
    client.setQueryData(templateKey(called), theirs)
    if (!saved) void go(`/templates/${called}?tab=write`)
  }

  const compiled = async (mjml: string) => {
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
    ...(saved ? [{ to: '?tab=versions', text: t('tab.versions'), here: tab === 'versions' }] : []),
  ]
  const title = body.title || (called ? readable(called) : t('new'))
  return (
    <Page title={title} crumb={{ to: '/templates', text: t('title') }}
      lead={saved && <>{saved.name}, {t('version', { n: saved.version })}{saved.made_by && ` · ${saved.made_by}`}, <When at={saved.made_at} long /></>}
      actions={writes && <>
        {mail && <TestSend name={called} body={body} />}
        <Button loading={save.isPending} disabled={!dirty || !!theirs || !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(called)} onClick={() => save.mutate(undefined)}>{t('save')}</Button>
      </>}>
      {writes && !saved && !called && tab !== 'write' && <p className="note-box" style={{ marginBottom: 16 }}><Link to="?tab=write">{t('name.missing')}</Link></p>}
      {writes && dirty && theirs && <div style={{ marginBottom: 16 }}><Overtaken over={over} files={asFile('template', called, body)} busy={save.isPending} disabled={!dirty} onSave={(seen) => save.mutate(seen)} onTake={take} /></div>}
      {save.isError && !theirs && <div style={{ marginBottom: 16 }}><Trouble problem={asProblem(save.error)} /></div>}
      <TabLinks label={t('tabs')} tabs={tabs} />
      {errors.length > 0 && (tab === 'code' || tab === 'draw') && <div className="problem" role="alert" style={{ marginBottom: 12 }}><ul>{errors.slice(0, 5).map((e) => <li key={e} className="small">{e}</li>)}</ul></div>}
      <Suspense fallback={<Loading lines={8} />}>
        {tab === 'write' ? <div className="two"><Panel title={t('details')}><Details body={body} change={change} name={called} setName={saved ? undefined : setCalled} /></Panel><Reading narrow name={called} body={body} /></div>
          : tab === 'draw' && mail ? (body.mjml
            ? <VisualEditor mjml={body.mjml} traits={traits.data ?? []} onChange={(mjml) => void compiled(mjml)} />
            : <Panel title={t('draw.none')}><div className="stack loose"><p>{t('draw.none.what')}</p><div><Button onClick={() => void compiled(starter)}>{t('draw.begin')}</Button></div></div></Panel>)
          : tab === 'code' && mail ? <div className="stack">
            <p className="soft small">{body.mjml ? t('code.mjml') : t('code.html')}</p>
            <CodeEditor key={body.mjml ? 'mjml' : 'html'} label={body.mjml ? 'MJML' : 'HTML'} traits={traits.data ?? []} value={(body.mjml ?? body.html) ?? ''} onChange={(text) => void (body.mjml !== undefined ? compiled(text) : change({ html: text }))} />
          </div>
          : tab === 'versions' && saved ? <Versions name={saved.name} current={saved.version} onTake={writes ? (old) => { setBody(old); void go('?tab=read') } : undefined} />
          : <Reading name={called} body={body} />}
      </Suspense>
    </Page>
  )
}

/** A document says only what is there. */
function clean(b: Body): Body {
  return Object.fromEntries(Object.entries(b).filter(([, v]) => v !== '' && v !== undefined)) as Body
}
