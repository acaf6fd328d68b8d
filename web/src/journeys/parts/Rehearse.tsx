import { Button, NumberInput, Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { DataTable } from '../../ui/DataTable'
import { Figures, Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { Empty, Loading, Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { useFilters } from '../../ui/useParams'
import { locale, words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import { endText, outcomeText, reasonText, sentence, toneOf } from '../../words/words'
import type { Mark } from '../canvas/Canvas'
import { describe, start, type Design } from '../design'

const t = words('journeys')
const Canvas = lazy(() => import('../canvas/Canvas'))
type Result = Schemas['RehearsalResult']

/** The draft, tried on what really happened. The address holds the rehearsal, so that it outlives a reload. */
export function Rehearse({ name, doc, design }: { name: string; doc: Design; design: Design }) {
  const [get, set] = useFilters()
  const id = get('rehearsal')
  const days = Number(get('days')) || 30
  const begin = useAct({
    quiet: true, run: () => must(api.POST('/api/v1/rehearsals', { body: { name, body: doc, days } })),
    after: (job) => set({ rehearsal: job.id }),
  })
  const job = useQuery({
    queryKey: ['journeys', 'rehearsal', id], enabled: id !== '', retry: false,
    queryFn: () => must(api.GET('/api/v1/rehearsals/{id}', { params: { path: { id } } })),
  })
  const cancel = useAct({ run: () => must(api.POST('/api/v1/rehearsals/{id}/cancel', { params: { path: { id } } })), touches: [['journeys', 'rehearsal', id]] })
  const busy = job.data && ['queued', 'running'].includes(job.data.state)
  return (
    <div className="stack loose">
      <Panel title={t('rehearse')}>
        <div className="stack">
          <p className="soft" style={{ maxWidth: '78ch' }}>{t('rehearse.about')}</p>
          <div className="row wrap" style={{ alignItems: 'flex-end' }}>
            <NumberInput size="sm" w={150} label={t('rehearse.days')} min={1} max={90} value={days} onChange={(v) => set({ days: String(Number(v) || 30) })} />
            <Button loading={begin.isPending || busy} onClick={() => begin.mutate(undefined)}>{t('rehearse.go')}</Button>
            {busy && <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(undefined)}>{t('rehearse.stop')}</Button>}
          </div>
          {begin.isError && <Trouble problem={asProblem(begin.error)} />}
          {job.isError && <Trouble problem={asProblem(job.error)} />}
          {busy && <div role="status"><Progress value={Math.max(2, job.data.done * 100)} aria-label={t('rehearse.progress')} animated /><p className="small soft">{job.data.state === 'queued' ? t('rehearse.queued') : t('rehearse.running', { part: percent(job.data.done) })}</p></div>}
          {job.data?.state === 'failed' && <div className="problem" role="alert">{job.data.error}</div>}
          {job.data?.state === 'canceled' && <p className="soft">{t('rehearse.canceled')}</p>}
        </div>
      </Panel>
      {job.data?.result && <Outcome r={job.data.result} design={design} />}
    </div>
  )
}

const day = (at: string | null) => new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short' }).format(Date.parse(at ?? ''))

/** What a sample says of everybody, with its 95% interval. */
const ofAll = (b?: Schemas['Bounds']) => b && t('rehearsed.of-all', { n: count(Math.round(b.value)), low: count(Math.floor(b.low)), high: count(Math.ceil(b.high)) })

function Outcome({ r, design }: { r: Result; design: Design }) {
  const marks = useMemo(() => {
    const out = new Map<string, Mark>([[start, { badge: <><span>{t('rehearsed.happened', { count: r.triggered })}</span><span className="here">{t('rehearsed.entered', { count: r.entered })}</span></> }]])
    for (const n of r.nodes) {
      const parts = [t('rehearsed.came', { count: n.arrived }), n.sent > 0 && t('rehearsed.sent', { count: n.sent }), n.held > 0 && t('rehearsed.held', { count: n.held }), n.dropped > 0 && t('rehearsed.dropped', { count: n.dropped }), n.here > 0 && t('rehearsed.here', { count: n.here })].filter(Boolean)
      out.set(n.node, {
        label: parts.join(', '), tone: n.arrived ? undefined : 'dim',
        badge: <>
          <span className="here">{parts[0]}</span>
          {n.sent > 0 && <span className="good">{t('rehearsed.sent', { count: n.sent })}</span>}
          {n.held > 0 && <span className="wait">{t('rehearsed.held', { count: n.held })}</span>}
          {n.dropped > 0 && <span className="bad">{t('rehearsed.dropped', { count: n.dropped })}</span>}
          {!n.wanted && n.here > 0 && <span>{t('rehearsed.here', { count: n.here })}</span>}
          {r.runs > 0 && <span className="flow-bar" aria-hidden="true"><i style={{ width: `${Math.min(100, (n.arrived / r.runs) * 100)}%`, background: 'var(--bar)' }} /></span>}
        </>,
      })
    }
    return out
  }, [r])
  const notes = r.notes.filter((n) => n !== 'sampled')
  return (
    <>
      <Figures items={[
        { label: t('rehearsed.people'), value: count(r.sampled), note: r.sampled < r.people ? t('rehearsed.sample', { people: count(r.people), part: percent(r.sampled / r.people) }) : t('rehearsed.all') },
        { label: t('rehearsed.would-enter'), value: count(r.entered), note: ofAll(r.of_all?.entered) ?? t('rehearsed.of', { count: r.triggered }) },
        { label: t('rehearsed.would-receive'), value: count(r.received), note: ofAll(r.of_all?.received) ?? (r.entered ? percent(r.received / r.entered) : undefined) },
        { label: t('rehearsed.would-reach'), value: count(r.reached), note: ofAll(r.of_all?.reached) ?? (r.entered ? percent(r.reached / r.entered) : undefined) },
      ]} />
      <p className="soft small">{t('rehearsed.range', { from: day(r.from), to: day(r.to), events: count(r.events) })} {r.real > 0 && t('rehearsed.real', { count: r.real })} {notes.map((n) => t(`rehearsed.note.${n}`)).join(' ')}</p>
      <Panel flush title={t('rehearsed.funnel')}>
        <Suspense fallback={<Loading lines={10} />}><Canvas label={t('rehearsed.funnel')} design={design} marks={marks} /></Suspense>
      </Panel>
      <div className="half">
        <Panel flush title={t('rehearsed.answers')}>
          {r.messages.length ? (
            <DataTable caption={t('rehearsed.answers')} rows={r.messages} rowKey={(a) => `${a.node}/${a.outcome}/${a.reason}/${a.rule ?? ''}`} columns={[
              { name: t('column.node'), cell: (a) => <Named design={design} node={a.node} /> },
              { name: t('column.answer'), lead: true, cell: (a) => <div><span className="row" style={{ gap: 8 }}><Pill tone={toneOf(a.outcome)}>{outcomeText(a.outcome)}</Pill>{reasonText(a.reason)}</span>{a.outcome !== 'send' && <div className="soft small">{a.rule && <code>{a.rule}</code>} {a.text && t('rehearsed.such-as', { text: sentence(a.text) })}</div>}</div> },
              { name: t('column.messages'), kind: 'number', cell: (a) => count(a.count) },
              { name: t('column.people'), kind: 'number', wide: true, cell: (a) => count(a.people) },
            ]} />
          ) : <Empty title={t('rehearsed.no-messages')}>{t('rehearsed.no-messages-about')}</Empty>}
        </Panel>
        <Panel title={t('rehearsed.not-entered')}>
          <dl className="kv">
            {r.refused.map((c) => <Row key={c.key} k={t(`refused.${c.key}`)} n={c.count} />)}
            {r.ended.map((c) => <Row key={`e${c.key}`} k={t('rehearsed.ended', { how: endText(c.key) })} n={c.count} />)}
          </dl>
          {!r.refused.length && !r.ended.length && <p className="soft">{t('rehearsed.none')}</p>}
        </Panel>
      </div>
    </>
  )
}

const Named = ({ design, node }: { design: Design; node: string }) => {
  const found = design.nodes?.find((n) => n.id === node)
  return <span title={node}>{found ? describe(found).what : node}</span>
}

const Row = ({ k, n }: { k: string; n: number }) => <><dt>{k}</dt><dd className="num">{count(n)}</dd></>
