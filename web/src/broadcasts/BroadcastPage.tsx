import { Button } from '@mantine/core'
import { IconCopy, IconPencil, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { api, must } from '../api/client'
import { useMay } from '../api/session'
import { Confirm } from '../ui/Confirm'
import { fresh } from '../ui/fresh'
import { Figures, Page, Panel } from '../ui/Page'
import { Await } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { eachItem } from '../ui/edit'
import { useAct } from '../ui/useAct'
import { useEdit } from '../ui/useEdit'
import { useFilters } from '../ui/useParams'
import { When } from '../ui/When'
import { words } from '../words/i18n'
import './broadcasts.css'
import { count } from '../words/numbers'
import { channelText, readable } from '../words/words'
import { Turned } from './BroadcastsPage'
import { totalOf } from './design'
import { BroadcastState } from './parts/BroadcastState'
import { Funnel } from './parts/Funnel'
import { GoalPanel } from './parts/GoalPanel'
import { PeopleOf } from './parts/PeopleOf'
import { ReasonBars } from './parts/ReasonBars'
import { Summary } from './parts/Summary'
import { useBroadcast, type BroadcastDetail } from './queries'

const t = words('broadcasts')

export default function BroadcastPage() {
  const { name = '' } = useParams()
  const detail = useBroadcast(name)
  const b = detail.data?.broadcast
  const title = b?.title || readable(name)
  return (
    <Page title={b ? <span className="row wrap" style={{ gap: 12 }}>{title}<BroadcastState b={b} /></span> : title} name={title} crumb={{ to: '/broadcasts', text: t('title') }}
      lead={b && <>{t('to-by', { segment: readable(b.segment), channel: channelText(b.channel) })}{b.started_at ? <>, {t('started-by', { who: b.started_by })} <When at={b.started_at} long /></> : <>, {t('made')} <When at={b.made_at} long /></>}</>}
      actions={detail.data && <Actions d={detail.data} />}>
      <Await query={detail} lines={8}>{(d) => <Whole d={d} />}</Await>
    </Page>
  )
}

/** Pauses and resumes, which can be taken back; what has gone out meanwhile has. */
function usePausing(name: string) {
  const set = (paused: boolean) => must(paused ? api.POST('/api/v1/broadcasts/{name}/pause', { params: { path: { name } } }) : api.POST('/api/v1/broadcasts/{name}/resume', { params: { path: { name } } }))
  return useEdit<boolean>({
    run: set, back: (paused) => set(!paused), done: (paused) => (paused ? t('done.pause') : t('done.resume')), touches: [['broadcasts']],
    shown: (paused) => [
      { key: ['broadcasts', name], as: (d: BroadcastDetail) => ({ ...d, broadcast: { ...d.broadcast, paused } }) },
      { key: ['broadcasts', 'list'], as: eachItem<BroadcastDetail['broadcast']>((b) => (b.name === name ? { ...b, paused } : b)) },
    ],
  })
}

function Actions({ d }: { d: BroadcastDetail }) {
  const may = useMay()
  const [asked, setAsked] = useState(false)
  const { name, state, paused } = d.broadcast
  const pausing = usePausing(name)
  const stop = useAct({
    run: () => must(api.POST('/api/v1/broadcasts/{name}/stop', { params: { path: { name } } })), done: t('done.stop'), touches: [['broadcasts']], after: () => setAsked(false),
  })
  const open = ['scheduled', 'gathering', 'sending'].includes(state)
  return (
    <>
      {may('specs:write') && state === 'draft' && <Button component={Link} to={`/broadcasts/${name}/edit`} leftSection={<IconPencil size={16} />}>{t('edit')}</Button>}
      {may('specs:write') && state !== 'draft' && <Button variant="default" component={Link} to={`/broadcasts/${fresh}?from=${name}`} leftSection={<IconCopy size={16} />}>{t('copy')}</Button>}
      {may('journeys:run') && open && (paused
        ? <Button leftSection={<IconPlayerPlay size={16} />} loading={pausing.isPending} onClick={() => pausing.mutate(false)}>{t('resume')}</Button>
        : <Button variant="default" leftSection={<IconPlayerPause size={16} />} loading={pausing.isPending} onClick={() => pausing.mutate(true)}>{t('pause')}</Button>)}
      {may('journeys:run') && open && <Button variant="default" color="red" leftSection={<IconPlayerStop size={16} />} onClick={() => setAsked(true)}>{t('stop')}</Button>}
      <Confirm opened={asked} onClose={() => setAsked(false)} title={t('stop.title')} action={t('stop')} danger busy={stop.isPending} onConfirm={() => stop.mutate(undefined)}>
        <p>{t('stop.what')}</p>
      </Confirm>
    </>
  )
}

function Whole({ d }: { d: BroadcastDetail }) {
  const may = useMay()
  const [get] = useFilters()
  const b = d.broadcast
  if (b.state === 'draft') {
    return (
      <div className="stack loose">
        <div className="note-box">{t('draft.what')}</div>
        <Panel title={t('summary')}><Summary body={d.body} /></Panel>
      </div>
    )
  }
  const all = totalOf(d.results)
  const tab = get('tab') || 'results'
  const tabs = [
    { to: '?', text: t('tab.results'), here: tab === 'results' },
    ...(may('people:read') ? [{ to: '?tab=people', text: t('tab.people'), here: tab === 'people', count: b.audience }] : []),
    { to: '?tab=design', text: t('tab.design'), here: tab === 'design' },
  ]
  return (
    <div className="stack loose">
      {b.trouble && <div className="note-box" role="status">{b.trouble}</div>}
      {b.state === 'scheduled' && <div className="note-box">{t('begins')} <When at={b.begins} long /></div>}
      <section aria-label={t('progress')} className="stack">
        <div className="row between small"><span>{t('turned', { n: count(b.turned), of: count(b.audience) })}</span>{b.ended_at && <span className="soft"><When at={b.ended_at} /></span>}</div>
        <Turned b={b} />
      </section>
      <Figures items={[
        { label: t('figure.sent'), value: count(all.sent), note: t('figure.allowed', { n: count(all.allowed) }) },
        { label: t('figure.held'), value: count(all.held), note: t('figure.held.note') },
        { label: t('figure.dropped'), value: count(all.dropped), note: t('figure.dropped.note') },
        { label: t('figure.holdout'), value: count(all.held_out), note: t('figure.holdout.note') },
        { label: t('figure.waiting'), value: count(all.waiting), note: all.canceled ? t('figure.canceled', { n: count(all.canceled) }) : undefined },
      ]} />
      <TabLinks label={t('tabs')} tabs={tabs} />
      {tab === 'people' && may('people:read') ? <PeopleOf name={b.name} />
        : tab === 'design' ? <Panel title={t('summary')}><Summary body={d.body} /></Panel>
        : <>
          <div className="half">
            <Panel title={t('funnel')}><Funnel results={d.results} /></Panel>
            <Panel title={t('reasons')}><ReasonBars reasons={d.reasons} to={(r) => (may('people:read') ? `?tab=people&state=${r.state}&outcome=${r.outcome ?? ''}&reason=${r.reason}` : undefined)} none={t('reasons.none')} /></Panel>
          </div>
          {may('stats:read') && b.begun_at && <GoalPanel d={d} />}
        </>}
    </div>
  )
}
