import { ActionIcon, Autocomplete, Button, Checkbox, SegmentedControl, Select, Slider, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { IconPlus, IconX } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { useSpecNames } from '../../people/queries'
import { useVocabulary } from '../../segments/builder/queries'
import { Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { Loading, Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { locale, words } from '../../words/i18n'
import { absolute } from '../../words/time'
import { endText, outcomeText, reasonText, sentence, toneOf } from '../../words/words'
import type { Mark } from '../canvas/Canvas'
import { describe, start, type Design } from '../design'

const t = words('journeys')
const Canvas = lazy(() => import('../canvas/Canvas'))
type Simulation = Schemas['Simulation']
type Step = Schemas['SimulatedStep']
type Happening = { at: string; name: string; properties: string }

/** "plan=pro, revenue=40" as an object; values that read as JSON are JSON. */
export function pairs(text: string): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const part of text.split(/[,\n]/)) {
    const at = part.indexOf('=')
    if (at < 1) continue
    const v = part.slice(at + 1).trim()
    try {
      out[part.slice(0, at).trim()] = JSON.parse(v)
    } catch {
      out[part.slice(0, at).trim()] = v
    }
  }
  return out
}

const local = (at: number) => {
  const d = new Date(at)
  return new Date(at - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
const hour = 3_600_000

/** One person through the draft on a virtual clock: what if she opens on Friday? */
export function Simulate({ name, doc, design }: { name: string; doc: Design; design: Design }) {
  const purposes = useSpecNames('purpose').data ?? []
  const events = (useVocabulary().data?.events ?? []).filter((e) => e.name).map((e) => e.name!)
  const [who, setWho] = useState('invented')
  const [person, setPerson] = useState('')
  const [begin, setBegin] = useState(() => local(Math.ceil(Date.now() / hour) * hour))
  const [traits, setTraits] = useState('email=ann@example.com, first_name=Ann')
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone)
  const [consents, setConsents] = useState<string[]>([])
  const [enter, setEnter] = useState(!design.trigger?.event)
  const [list, setList] = useState<Happening[]>(() => (design.trigger?.event ? [{ at: local(Math.ceil(Date.now() / hour) * hour + hour), name: design.trigger.event, properties: '' }] : []))
  const run = useAct({
    quiet: true,
    run: () => must(api.POST('/api/v1/journeys/simulate', {
      body: {
        name, body: doc, start: new Date(begin).toISOString(), enter, days: 30,
        ...(who === 'real' ? { person } : { invented: { traits: pairs(traits), zone, consents: consents.map((purpose) => ({ purpose, state: 'granted' as const })) } }),
        events: list.filter((e) => e.name && e.at).map((e) => ({ at: new Date(e.at).toISOString(), name: e.name, properties: pairs(e.properties) })),
      } as never,
    })),
  })
  return (
    <div className="stack loose">
      <Panel title={t('simulate')}>
        <form className="stack" onSubmit={(e) => { e.preventDefault(); run.mutate(undefined) }}>
          <p className="soft" style={{ maxWidth: '78ch' }}>{t('simulate.about')}</p>
          <div className="half">
            <div className="stack">
              <SegmentedControl size="xs" aria-label={t('simulate.who')} value={who} onChange={setWho} data={['invented', 'real'].map((v) => ({ value: v, label: t(`simulate.${v}`) }))} style={{ alignSelf: 'flex-start' }} />
              {who === 'real' ? <Who value={person} onChange={setPerson} /> : <>
                <Textarea size="sm" label={t('simulate.traits')} description={t('simulate.pairs')} value={traits} onChange={(e) => setTraits(e.currentTarget.value)} autosize minRows={2} />
                <TextInput size="sm" label={t('simulate.zone')} value={zone} onChange={(e) => setZone(e.currentTarget.value)} />
                <Checkbox.Group label={t('simulate.consents')} value={consents} onChange={setConsents}><div className="row wrap" style={{ marginTop: 4 }}>{purposes.map((p) => <Checkbox key={p.value} size="sm" value={p.value} label={p.label} />)}</div></Checkbox.Group>
              </>}
            </div>
            <div className="stack">
              <div className="row wrap" style={{ alignItems: 'flex-end' }}>
                <TextInput size="sm" type="datetime-local" label={t('simulate.start')} value={begin} onChange={(e) => setBegin(e.currentTarget.value)} required />
                <Checkbox size="sm" label={t('simulate.enter')} checked={enter} onChange={(e) => setEnter(e.currentTarget.checked)} mb={8} />
              </div>
              {list.map((e, i) => {
                const put = (by: Partial<Happening>) => setList(list.map((x, k) => (k === i ? { ...x, ...by } : x)))
                return (
                  <div key={i} className="row" role="group" aria-label={t('simulate.event', { number: i + 1 })} style={{ alignItems: 'flex-end' }}>
                    <TextInput size="sm" type="datetime-local" label={t('simulate.when')} value={e.at} onChange={(x) => put({ at: x.currentTarget.value })} />
                    <Autocomplete size="sm" label={t('simulate.does')} data={[...new Set(events)]} value={e.name} onChange={(name) => put({ name })} limit={30} className="grow" miw={0} />
                    <TextInput size="sm" label={t('simulate.with')} placeholder="revenue=40" value={e.properties} onChange={(x) => put({ properties: x.currentTarget.value })} className="grow" miw={0} />
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('simulate.remove', { number: i + 1 })} onClick={() => setList(list.filter((_, k) => k !== i))}><IconX size={15} /></ActionIcon>
                  </div>
                )
              })}
              <div><Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setList([...list, { at: local(Date.parse(list[list.length - 1]?.at ?? begin) + 24 * hour), name: '', properties: '' }])}>{t('simulate.add')}</Button></div>
            </div>
          </div>
          <div><Button type="submit" loading={run.isPending} disabled={who === 'real' && !person}>{t('simulate.go')}</Button></div>
          {run.isError && <Trouble problem={asProblem(run.error)} />}
        </form>
      </Panel>
      {run.data && <Told key={run.submittedAt} s={run.data} design={design} />}
    </div>
  )
}

function Who({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const [q, setQ] = useState('')
  const [settled] = useDebouncedValue(q, 250)
  const found = useQuery({ queryKey: ['people', 'pick', settled], enabled: settled.length > 1, queryFn: () => must(api.GET('/api/v1/people', { params: { query: { q: settled, limit: 10 } } })) })
  const items = ((found.data as { items?: Schemas['PersonSummary'][] } | undefined)?.items ?? []).map((p) => ({ value: p.id, label: [p.name || p.id.slice(-6), p.email ?? p.phone].filter(Boolean).join(' · ') }))
  return <Select size="sm" label={t('simulate.person')} description={t('simulate.person-about')} searchable searchValue={q} onSearchChange={setQ} data={items} filter={({ options }) => options} value={value || null} onChange={(v) => onChange(v ?? '')} nothingFoundMessage={t('simulate.nobody')} />
}

/** The steps as a timeline, and the nodes that they light up. */
function Told({ s, design }: { s: Simulation; design: Design }) {
  const [upto, setUpto] = useState(s.steps.length)
  const shown = s.steps.slice(0, upto)
  const { marks, taken } = useMemo(() => {
    const m = new Map<string, Mark>()
    const ways = new Set<string>()
    if (s.entered) m.set(start, { tone: 'accent' })
    let last = start
    for (const step of shown) {
      if (!step.node) continue
      if (step.kind === 'node') {
        ways.add(`${last}>${step.node}`)
        last = step.node
      }
      const at = new Intl.DateTimeFormat(locale(), { weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(Date.parse(step.at ?? ''))
      if (step.kind === 'decided') m.set(step.node, { tone: step.outcome === 'send' ? 'good' : step.outcome === 'hold' ? 'wait' : 'bad', badge: <span>{outcomeText(step.outcome ?? '')} · {at}</span> })
      else if (step.kind === 'waits') m.set(step.node, { tone: 'wait', badge: <span>{t('step.since', { at })}</span> })
      else if (step.kind === 'node') m.set(step.node, { tone: 'accent', badge: <span>{at}</span> })
    }
    for (const n of design.nodes ?? []) if (!m.has(n.id)) m.set(n.id, { tone: 'dim' })
    return { marks: m, taken: ways }
  }, [shown.length]) // eslint-disable-line -- the steps do not change
  return (
    <>
      <div className="row wrap">
        <Pill tone={s.entered ? 'good' : 'bad'}>{s.entered ? t('simulated.entered') : t('simulated.not-entered')}</Pill>
        {s.reason && <span>{t('simulated.ended', { how: endText(s.reason) })}</span>}
        {s.node && <span>{t('simulated.stands', { node: nodeText(s.node, design) })}</span>}
        {s.notes.map((n) => <span key={n} className="soft small">{t(`simulated.note.${n}`)}</span>)}
      </div>
      <Panel flush title={t('simulated.way')} aside={s.steps.length > 1 && <div style={{ width: 260, padding: '0 6px' }}><Slider size="sm" min={1} max={s.steps.length} value={upto} onChange={setUpto} label={(v) => t('simulated.step', { n: v, of: s.steps.length })} thumbLabel={t('simulated.slider')} /></div>}>
        <Suspense fallback={<Loading lines={8} />}><Canvas label={t('simulated.way')} design={design} marks={marks} taken={taken} /></Suspense>
      </Panel>
      <Panel title={t('simulated.steps')}>
        <ol className="timeline-steps">
          {s.steps.map((step, i) => (
            <li key={i} className={`${tone(step)}${i >= upto ? ' later' : ''}`}>
              <span className="small soft num">{absolute(Date.parse(step.at ?? '')).replace(/:\d\d(?= |$)/, '')}</span>
              <span>{said(step, design)}</span>
            </li>
          ))}
        </ol>
      </Panel>
    </>
  )
}

const tone = (s: Step) => (s.kind === 'decided' ? toneOf(s.outcome ?? '') : s.kind === 'refused' || s.kind === 'failed' ? 'bad' : s.kind === 'waits' ? 'wait' : s.kind === 'handed' || s.kind === 'goal' ? 'good' : s.kind === 'entered' || s.kind === 'ended' ? 'accent' : '')

const nodeText = (id: string | undefined, design: Design) => {
  const n = design.nodes?.find((x) => x.id === id)
  return n ? describe(n).what : (id ?? '')
}

function said(s: Step, design: Design): React.ReactNode {
  const what = (id: string | undefined) => nodeText(id, design)
  switch (s.kind) {
    case 'event': return t('step.event', { name: s.name || s.text })
    case 'entered': return <b>{t('step.entered')}</b>
    case 'refused': return t('step.refused', { why: t(`refused.${s.reason}`) })
    case 'node': return <>{t('step.node', { what: what(s.node) })}{s.rule ? <> – {t('step.because')} <code>{s.rule}</code></> : ''}</>
    case 'waits': return s.until ? t('step.waits-until', { what: what(s.node), until: absolute(Date.parse(s.until)) }) : t('step.waits', { what: what(s.node) })
    case 'decided': return <span><Pill tone={toneOf(s.outcome ?? '')}>{outcomeText(s.outcome ?? '')}</Pill> {reasonText(s.reason ?? '')}{s.outcome !== 'send' && s.text ? <span className="soft"> {sentence(s.text)}</span> : ''}</span>
    case 'handed': return t('step.handed', { name: s.name, subject: s.text ?? '' })
    case 'updated': return <>{t('step.updated')} <code>{s.text}</code></>
    case 'task': return t('step.task', { name: s.name })
    case 'segment_entered': return t('step.segment-entered', { name: s.name })
    case 'segment_left': return t('step.segment-left', { name: s.name })
    case 'goal': return <b>{t('step.goal')}</b>
    case 'ended': return <b>{t('step.ended', { how: endText(s.reason ?? '') })}</b>
  }
  return s.text ?? s.kind
}
