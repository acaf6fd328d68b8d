import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'
import { api, asProblem, must } from '../api/client'
import { useMay } from '../api/session'
import { Confirm } from '../ui/Confirm'
import { Overtaken, useOvertaken } from '../ui/Overtaken'
import { Page, Panel } from '../ui/Page'
import { asFile, matching } from '../ui/seen'
import { Await, Empty, Trouble } from '../ui/State'
import { Unsaved } from '../ui/Unsaved'
import { useAct } from '../ui/useAct'
import { words } from '../words/i18n'
import { count } from '../words/numbers'
import './broadcasts.css'
import { based, empty, missing, nameFrom, read, same, steps, write, type Base, type Design, type Step } from './design'
import { CheckView } from './parts/CheckView'
import { Summary } from './parts/Summary'
import { What } from './parts/What'
import { WhenStep } from './parts/WhenStep'
import { Who } from './parts/Who'
import { useBroadcast, type BroadcastDetail } from './queries'

const t = words('broadcasts')

export default function ComposerPage() {
  const { name = '' } = useParams()
  const [search] = useSearchParams()
  const from = search.get('from') ?? ''
  const may = useMay()
  const detail = useBroadcast(name || from)
  if (!may('specs:write')) return <Page title={t('compose')} crumb={{ to: '/broadcasts', text: t('title') }}><Empty title={t('compose.refused')}>{t('compose.refused.what')}</Empty></Page>
  if (!name && !from) return <Composer key="new" start={empty} />
  return (
    <Await query={detail}>{(d) => from && !name
      ? <Composer key={`copy ${from}`} start={{ ...read(d.body), title: t('copy.of', { title: d.broadcast.title || d.broadcast.name }) }} />
      : <Composer key={name} start={read(d.body)} saved={d} />}</Await>
  )
}

/** Five steps: who, what, when, a look at who would get it, and sending. The document is saved before the look. */
function Composer({ start, saved }: { start: Design; saved?: BroadcastDetail }) {
  const [design, setDesign] = useState(start)
  const [base, setBase] = useState<Base>({ version: saved?.broadcast.version ?? 0, body: saved?.body })
  const begin = (from: Base) => {
    setBase(from)
    setDesign(read(from.body))
  }
  const now = saved && based(base, { version: saved.broadcast.version, body: saved.body }, design)
  if (now && now !== base) begin(now)
  const [search] = useSearchParams()
  const go = useNavigate()
  const step = (steps.find((s) => s === search.get('step')) ?? 'who') as Step
  const name = saved?.broadcast.name ?? nameFrom(design.title)
  const change = (part: Partial<Design>) => setDesign((d) => ({ ...d, ...part }))
  const dirty = base.version === 0 || !same(design, base)
  const unsaved = saved ? dirty : JSON.stringify(design) !== JSON.stringify(start)
  const lacks = (['who', 'what', 'when'] as Step[]).filter((s) => missing(design, s).length > 0)
  const save = useAct({
    quiet: true,
    run: async ({ to, over: seen = over.seen }: { to: Step; over?: number }) => {
      if (!dirty) return undefined
      const now = await must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'broadcast', name }, header: matching(seen) }, body: write(design) }))
      if (to === 'check') await api.POST('/api/v1/broadcasts/{name}/check', { params: { path: { name } } }) // refused, it is asked for there
      return now
    },
    touches: [['broadcasts'], ['specs']],
    after: (now, { to }) => {
      if (now) over.saved(now.version)
      if (now) setBase({ version: now.version, body: now.body })
      void go(`/broadcasts/${name}/edit?step=${to}`, { replace: !saved })
    },
  })
  const over = useOvertaken('broadcast', name, base.version, save.error)
  const show = (to: Step) => {
    if (to === 'check' || to === 'send') {
      if (!over.theirs) save.mutate({ to }) // first it has to be said whose version it is
    } else void go(`?step=${to}${search.get('from') ? `&from=${search.get('from')}` : ''}`)
  }
  const at = steps.indexOf(step)
  const checked = saved?.check?.state === 'done' && saved.check.version === saved.broadcast.version
  const next = steps[at + 1]
  const before = steps[at - 1]
  const blocked = step === 'who' || step === 'what' || step === 'when' ? missing(design, step) : []
  if (saved && saved.broadcast.state !== 'draft') {
    return <Page title={design.title || name} crumb={{ to: `/broadcasts/${name}`, text: t('title') }}><Empty title={t('compose.started')} action={<Button component={Link} to={`/broadcasts/${name}`}>{t('compose.look')}</Button>}>{t('compose.started.what')}</Empty></Page>
  }
  return (
    <Page title={design.title || t('compose')} crumb={saved ? { to: `/broadcasts/${name}`, text: design.title || name } : { to: '/broadcasts', text: t('title') }}>
      <Unsaved when={unsaved} />
      <nav className="steps" aria-label={t('steps')}>
        {steps.map((s) => (
          <a key={s} href={`?step=${s}`} className={steps.indexOf(s) < at && !lacks.includes(s) && (s !== 'check' || checked) ? 'ready' : undefined} aria-current={s === step ? 'step' : undefined}
            onClick={(e) => { e.preventDefault(); show(s) }}>{t(`step.${s}`)}</a>
        ))}
      </nav>
      {over.theirs && (
        <div style={{ marginBottom: 16 }}>
          <Overtaken over={over} files={asFile('broadcast', name, write(design))} busy={save.isPending} disabled={lacks.length > 0} onSave={(seen) => save.mutate({ to: step, over: seen })} onTake={(theirs) => {
            if (theirs.deleted) void go('/broadcasts', { replace: true })
            else if (saved) begin({ version: theirs.version, body: theirs.body })
            else void go(`/broadcasts/${name}/edit`, { replace: true })
          }} />
        </div>
      )}
      {save.isError && !over.theirs && <div style={{ marginBottom: 16 }}><Trouble problem={asProblem(save.error)} /></div>}
      <div className="stack loose">
        {step === 'who' && <Panel title={t('who.title')}><Who design={design} change={change} name={name} fixed={!!saved} /></Panel>}
        {step === 'what' && <Panel title={t('what.title')}><What design={design} change={change} /></Panel>}
        {step === 'when' && <Panel title={t('when.title')}><WhenStep design={design} change={change} /></Panel>}
        {step === 'check' && saved && <CheckView name={name} check={saved.check} version={saved.broadcast.version} />}
        {step === 'send' && saved && <Send d={saved} />}
        <div className="row between wrap">
          {before ? <Button variant="default" onClick={() => show(before)}>{t('back')}</Button> : <span />}
          {next && <Button loading={save.isPending} disabled={blocked.length > 0 || (!!over.theirs && next === 'check')} onClick={() => show(next)}>{next === 'check' && dirty ? t('save-and-check') : t(`next.${next}`)}</Button>}
        </div>
        {blocked.length > 0 && <p className="soft small" role="status">{t('missing')} {blocked.map((m) => t(`missing.${m}`)).join(', ')}</p>}
      </div>
    </Page>
  )
}

/** The last look, and the button. */
function Send({ d }: { d: BroadcastDetail }) {
  const may = useMay()
  const go = useNavigate()
  const [asked, setAsked] = useState(false)
  const { name, version } = d.broadcast
  const start = useAct({
    run: () => must(api.POST('/api/v1/broadcasts/{name}/start', { params: { path: { name } }, body: { version } })),
    done: t('done.start'), touches: [['broadcasts']], after: () => void go(`/broadcasts/${name}`),
  })
  const checked = d.check?.state === 'done' && d.check.version === version
  const gets = d.check?.reasons.filter((r) => r.outcome === 'send').reduce((n, r) => n + r.people, 0) ?? 0
  return (
    <Panel title={t('send.title')}>
      <div className="stack loose">
        <Summary body={d.body} />
        {checked ? <p>{t('send.checked', { count: gets })}</p> : <div className="note-box" role="alert">{t('send.unchecked')}</div>}
        {may('journeys:run')
          ? <div><Button size="md" disabled={!checked} onClick={() => setAsked(true)}>{t('send.start')}</Button></div>
          : <p className="soft">{t('send.refused')}</p>}
      </div>
      <Confirm opened={asked} onClose={() => setAsked(false)} title={t('send.ask', { count: gets })} action={t('send.start')} busy={start.isPending} onConfirm={() => start.mutate(undefined)}>
        <p>{t('send.once', { people: count(d.check?.people ?? 0) })}</p>
      </Confirm>
    </Panel>
  )
}
