import { Button, Select } from '@mantine/core'
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { api, must } from '../api/client'
import { useMay } from '../api/session'
import { Confirm } from '../ui/Confirm'
import { Json } from '../ui/Copy'
import { More } from '../ui/More'
import { Figures, Page, Panel } from '../ui/Page'
import { Pill } from '../ui/Pill'
import { Await, Empty } from '../ui/State'
import { useAct } from '../ui/useAct'
import { useFilters } from '../ui/useParams'
import { count, plural } from '../words/numbers'
import { spanText } from '../words/time'
import { readable } from '../words/words'
import { ruleText, type Design } from './design'
import { EnterForm } from './parts/EnterForm'
import { Flow } from './parts/Flow'
import { RunTable } from './parts/RunTable'
import { useJourney, useRuns, type JourneyDetail } from './queries'

export default function JourneyPage() {
  const { name = '' } = useParams()
  const journey = useJourney(name)
  const j = journey.data?.journey
  const title = j ? j.title || readable(j.name) : 'Journey'
  return (
    <Page title={j ? <span className="row wrap" style={{ gap: 12 }}>{title}<Pill tone={j.paused ? 'wait' : 'good'}>{j.paused ? 'Paused' : 'Running'}</Pill></span> : title} name={title}
      crumb={{ to: '/journeys', text: 'Journeys' }} lead={j && <>{j.name}, version {j.version}{j.made_by && ` by ${j.made_by}`}</>} actions={journey.data && <Actions detail={journey.data} />}>
      <Await query={journey} lines={10}>{(d) => <Whole d={d} />}</Await>
    </Page>
  )
}

function Actions({ detail }: { detail: JourneyDetail }) {
  const may = useMay()
  const { name, paused, active } = detail.journey
  const [asking, setAsking] = useState(false)
  const [entering, setEntering] = useState(false)
  const act = useAct({
    run: () => must(paused ? api.POST('/api/v1/journeys/{name}/resume', { params: { path: { name } } }) : api.POST('/api/v1/journeys/{name}/pause', { params: { path: { name } } })),
    done: paused ? 'It goes on.' : 'Paused. Nobody moves until it goes on.', touches: [['journeys']], after: () => setAsking(false),
  })
  return (
    <>
      {may('journeys:run') && <>
        <Button variant="default" leftSection={<IconUserPlus size={16} />} onClick={() => setEntering(true)}>Enter a person</Button>
        <Button variant={paused ? 'filled' : 'default'} leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />} onClick={() => setAsking(true)}>{paused ? 'Resume' : 'Pause'}</Button>
      </>}
      {may('specs:write') && <Button variant="default" component={Link} to={`/settings/configuration?kind=journey&name=${name}`} leftSection={<IconPencil size={16} />}>Edit</Button>}
      <Confirm opened={asking} onClose={() => setAsking(false)} title={paused ? 'Let this journey go on?' : 'Pause this journey?'} action={paused ? 'Resume' : 'Pause'} busy={act.isPending} onConfirm={() => act.mutate(undefined)}>
        <p>{paused ? `${plural(active, 'person', 'people')} under way go on from where they stand.` : `${plural(active, 'person', 'people')} under way stay where they stand, and nobody new enters, until it goes on.`}</p>
      </Confirm>
      <EnterForm journey={name} opened={entering} onClose={() => setEntering(false)} />
    </>
  )
}

function Whole({ d }: { d: JourneyDetail }) {
  const may = useMay()
  const [get, set] = useFilters()
  const node = get('node')
  const design = d.body as Design
  const chosen = design.nodes?.find((n) => n.id === node)
  return (
    <div className="stack loose">
      <Figures items={[
        { label: 'Under way', value: count(d.journey.active) }, { label: 'Finished', value: count(d.journey.finished) },
        { label: 'Left early', value: count(d.journey.exited) }, { label: 'Goal reached', value: count(d.journey.reached) },
      ]} />
      <Panel flush title="The journey" aside={<span className="soft small">Choose a node to see who stands there</span>}>
        <Rules design={design} />
        <Flow detail={d} selected={node} onSelect={(id) => set({ node: id })} />
      </Panel>
      {chosen && <Panel title={`Node ${chosen.id}`}><Json label={`Node ${chosen.id}`} value={chosen} /></Panel>}
      {may('people:read') && <Runs name={d.journey.name} nodes={design.nodes?.map((n) => n.id) ?? []} />}
    </div>
  )
}

/** What holds for the whole journey: who may enter, when it ends. */
function Rules({ design: d }: { design: Design }) {
  const goal = typeof d.goal === 'object' && d.goal !== null ? ('event' in d.goal && d.goal.event ? d.goal.event : ruleText('rule' in d.goal ? d.goal.rule : d.goal)) : ruleText(d.goal)
  const rows: [string, React.ReactNode][] = [
    ...(d.trigger?.where ? [['Only if', <code key="w">{ruleText(d.trigger.where)}</code>] as [string, React.ReactNode]] : []),
    ...(d.entry?.rule ? [['May enter', <code key="r">{ruleText(d.entry.rule)}</code>] as [string, React.ReactNode]] : []),
    ...(d.entry?.limit ? [['How often', d.entry.limit === 1 ? 'once in a lifetime' : `${d.entry.limit} times`] as [string, React.ReactNode]] : []),
    ...(d.entry?.every ? [['Not again within', spanText(d.entry.every)] as [string, React.ReactNode]] : []),
    ...(d.key ? [['One run per', <code key="k">{d.key}</code>] as [string, React.ReactNode]] : []),
    ...(d.exit ? [['Leaves when', <code key="e">{ruleText(d.exit)}</code>] as [string, React.ReactNode]] : []),
    ...(goal ? [['Goal', <code key="g">{goal}</code>] as [string, React.ReactNode]] : []),
  ]
  if (!rows.length) return null
  return <dl className="row wrap small" style={{ padding: '0 16px 10px', gap: '4px 24px' }}>{rows.map(([k, v]) => <div key={k} className="row" style={{ gap: 8 }}><dt className="soft">{k}</dt><dd>{v}</dd></div>)}</dl>
}

function Runs({ name, nodes }: { name: string; nodes: string[] }) {
  const [get, set] = useFilters()
  const filter = { node: get('node'), status: get('status') }
  return (
    <Panel flush title={filter.node ? `People at ${filter.node}` : 'People in this journey'}>
      <div className="filters" role="search" aria-label="Filter runs" style={{ padding: '0 16px', marginBottom: 6 }}>
        <Select label="Node" placeholder="Any" data={nodes} value={filter.node || null} onChange={(v) => set({ node: v })} clearable searchable />
        <Select label="State" placeholder="Any" data={['active', 'paused', 'finished', 'exited'].map((s) => ({ value: s, label: readable(s) }))} value={filter.status || null} onChange={(v) => set({ status: v })} clearable />
      </div>
      <More query={useRuns(name, filter)} empty={<Empty title="Nobody here">{filter.node || filter.status ? 'Take a filter away to see more.' : 'People enter by themselves when what starts it happens.'}</Empty>}>
        {(rows) => <RunTable rows={rows} of="person" />}
      </More>
    </Panel>
  )
}
