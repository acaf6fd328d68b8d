import { Button } from '@mantine/core'
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { api, must } from '../api/client'
import { useMay } from '../api/session'
import { Confirm } from '../ui/Confirm'
import { Page } from '../ui/Page'
import { Pill } from '../ui/Pill'
import type { Spec } from '../ui/seen'
import { Await } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { eachItem } from '../ui/edit'
import { useEdit } from '../ui/useEdit'
import { useFilters } from '../ui/useParams'
import { words } from '../words/i18n'
import { readable } from '../words/words'
import type { Design } from './design'
import { spread } from './edit/doc'
import { Editor } from './edit/Editor'
import { useDraft } from './edit/useDraft'
import { EnterForm } from './parts/EnterForm'
import { Live } from './parts/Live'
import { Rehearse } from './parts/Rehearse'
import { Simulate } from './parts/Simulate'
import { Versions } from './parts/Versions'
import { useJourney, type JourneyDetail } from './queries'

const t = words('journeys')

// Every view but that of the versions draws it: it is loaded beside the answer, not after it.
import('./canvas/Canvas').catch(() => {}) // whoever draws asks again, and says that it does not come

export default function JourneyPage() {
  const { name = '' } = useParams()
  const journey = useJourney(name)
  const j = journey.data?.journey
  const title = j ? j.title || readable(j.name) : t('one')
  return (
    <Page title={j ? <span className="row wrap" style={{ gap: 12 }}>{title}<Pill tone={j.paused ? 'wait' : 'good'}>{j.paused ? t('paused') : t('running')}</Pill></span> : title} name={title}
      crumb={{ to: '/journeys', text: t('title') }} lead={j && (j.made_by ? t('version-by', { name: j.name, version: j.version, by: j.made_by }) : t('version', { name: j.name, version: j.version }))} actions={journey.data && <Actions detail={journey.data} />}>
      <Await query={journey} lines={10}>{(d) => <Views key={d.journey.name} d={d} />}</Await>
    </Page>
  )
}

function Actions({ detail }: { detail: JourneyDetail }) {
  const may = useMay()
  const [get, set] = useFilters()
  const { name, paused, active } = detail.journey
  const [asking, setAsking] = useState(false)
  const [entering, setEntering] = useState(false)
  const act = usePausing(name)
  return (
    <>
      {may('journeys:run') && <>
        <Button variant="default" leftSection={<IconUserPlus size={16} />} onClick={() => setEntering(true)}>{t('enter')}</Button>
        <Button variant={paused ? 'filled' : 'default'} leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />} loading={act.isPending} onClick={() => (paused ? setAsking(true) : act.mutate(true))}>{paused ? t('resume') : t('pause')}</Button>
      </>}
      {may('specs:write') && get('view') !== 'edit' && <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => set({ view: 'edit', node: null })}>{t('edit')}</Button>}
      <Confirm opened={asking} onClose={() => setAsking(false)} title={t('resume.title')} action={t('resume')} onConfirm={() => { setAsking(false); act.mutate(false) }}>
        <p>{t('resume.about', { count: active })}</p>
      </Confirm>
      <EnterForm journey={name} opened={entering} onClose={() => setEntering(false)} />
    </>
  )
}

/** Pauses and resumes. Who resumes is asked before, because messages may go out at once: no way back brings those home. */
function usePausing(name: string) {
  const set = (paused: boolean) => must(paused ? api.POST('/api/v1/journeys/{name}/pause', { params: { path: { name } } }) : api.POST('/api/v1/journeys/{name}/resume', { params: { path: { name } } }))
  return useEdit<boolean>({
    run: set, back: (paused) => set(!paused), done: (paused) => (paused ? t('paused.done') : t('resumed')), touches: [['journeys'], ['overview']],
    shown: (paused) => [
      { key: ['journeys', name], as: (d: JourneyDetail) => ({ ...d, journey: { ...d.journey, paused } }) },
      { key: ['journeys', 'list'], as: eachItem<JourneyDetail['journey']>((j) => (j.name === name ? { ...j, paused } : j)) },
    ],
  })
}

/** The views of one journey. The draft is the same in those that use it. */
function Views({ d }: { d: JourneyDetail }) {
  const may = useMay()
  const [get, set] = useFilters()
  const { name, version } = d.journey
  const draft = useDraft(name, version, d.body as Design)
  const views = ['live', ...(may('specs:write') ? ['edit'] : []), ...(may('people:read') ? ['simulate'] : []), ...(may('specs:write') ? ['rehearse'] : []), 'versions']
  const view = views.includes(get('view')) ? get('view') : 'live'
  const go = useNavigate()
  const take = (theirs: Spec) => {
    if (!theirs.deleted) return draft.begin({ version: theirs.version, stored: theirs.body as Design })
    draft.reset()
    void go('/journeys')
  }
  return (
    <div className="stack loose">
      <TabLinks label={t('views')} tabs={views.map((v) => ({ to: v === 'live' ? `/journeys/${name}` : `/journeys/${name}?view=${v}`, text: t(`view.${v}`) + ((v === 'edit') && draft.changed ? ' •' : ''), here: v === view }))} />
      {draft.changed && (view === 'simulate' || view === 'rehearse') && <div className="note-box">{t('draft-is-used')}</div>}
      {view === 'live' && <Live detail={d} />}
      {view === 'edit' && <Editor name={name} draft={draft} onTake={take}
        onSaved={() => { draft.begin({ version: draft.began, stored: draft.doc }); set({ view: null, node: null }) }} />}
      {view === 'simulate' && <Simulate name={name} doc={draft.doc} design={draft.design} />}
      {view === 'rehearse' && <Rehearse name={name} doc={draft.doc} design={draft.design} />}
      {view === 'versions' && <Versions name={name}
        onRestore={(body) => { draft.reset(spread(body)); set({ view: 'edit' }) }}
        onMigrate={() => { draft.set({ ...draft.design, on_publish: 'migrate' }); set({ view: 'edit', node: null }) }} />}
    </div>
  )
}
