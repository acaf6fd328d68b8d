import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconDownload, IconNotes, IconTrash, IconUsersGroup, IconMessageCheck } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { api, must } from '../api/client'
import { useMay } from '../api/session'
import { Copy } from '../ui/Copy'
import { Page } from '../ui/Page'
import { StagePill } from '../ui/Pill'
import { Await } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { useAct } from '../ui/useAct'
import { useFilters } from '../ui/useParams'
import { When } from '../ui/When'
import { nameless } from '../words/words'
import { Asking } from './parts/Asking'
import { BriefPanel } from './parts/BriefPanel'
import { Consents, ConsentForm } from './parts/Consents'
import { Conversation } from './parts/Conversation'
import { Erase } from './parts/Erase'
import { Identities, MergeForm } from './parts/Identities'
import { NoteForm } from './parts/NoteForm'
import { Runs } from './parts/Runs'
import { Aside } from './parts/Aside'
import { Timeline } from './parts/Timeline'
import { timelineFilter, useEarly, usePerson, type Person } from './queries'
import { words } from '../words/i18n'

const t = words('people')

type Form = 'note' | 'consent' | 'merge' | 'erase' | null

export default function PersonPage() {
  const { id = '' } = useParams()
  const [get] = useFilters()
  const person = usePerson(id)
  useEarly(id, (get('tab') || 'timeline') === 'timeline' && timelineFilter(get))
  const name = person.data ? person.data.name || nameless(person.data.id) : t('person')
  return (
    <Page title={name} crumb={{ to: '/people', text: t('title') }}
      lead={person.data && <span className="row wrap" style={{ gap: '4px 12px' }}>
        {person.data.stage && <StagePill stage={person.data.stage} />}
        <span>{t('person.first-seen')} <When at={person.data.first_seen} long /></span>
        <span>{t('person.last-seen')} <When at={person.data.last_seen} long /></span>
        <span className="row" style={{ gap: 2 }}><span className="mono small">{person.data.id.slice(0, 8)}…</span><Copy value={person.data.id} label={t('person.copy-id')} /></span>
      </span>}
      actions={person.data && <Actions person={person.data} />}>
      <Await query={person} lines={12}>{(p) => <Whole person={p} />}</Await>
    </Page>
  )
}

function Whole({ person }: { person: Person }) {
  const [get] = useFilters()
  const go = useNavigate()
  const may = useMay()
  // An id that was merged leads to who it is now.
  useEffect(() => {
    if (person.merged_from) void go(`/people/${person.id}`, { replace: true })
  }, [person.merged_from, person.id, go])
  const tab = get('tab') || 'timeline'
  const link = (to: string, text: string, n?: number) => ({ to: to === 'timeline' ? '?' : `?tab=${to}`, text, here: tab === to, count: n })
  return (
    <div className="stack loose">
      <BriefPanel id={person.id} />
      <div className="two">
        <section aria-label={t('person.details')}>
          <TabLinks label={t('person.details')} tabs={[
            link('timeline', t('tab.timeline')), link('conversation', t('tab.conversation')), link('journeys', t('tab.journeys'), person.journeys.length || undefined),
            link('consents', t('tab.consents'), person.consents.length || undefined), link('identity', t('tab.identity')),
          ]} />
          {tab === 'timeline' && <Timeline id={person.id} />}
          {tab === 'conversation' && <Conversation id={person.id} />}
          {tab === 'journeys' && <Runs person={person} />}
          {tab === 'consents' && <Consents person={person} />}
          {tab === 'identity' && <Identities person={person} />}
        </section>
        <aside className="stack loose" aria-label={t('person.glance')}>
          {may('decide:ask') && <Asking person={person} />}
          <Aside person={person} />
        </aside>
      </div>
    </div>
  )
}

function Actions({ person }: { person: Person }) {
  const may = useMay()
  const [form, setForm] = useState<Form>(null)
  const close = () => setForm(null)
  const exporting = useAct({
    run: () => must(api.GET('/api/v1/people/{id}/export', { params: { path: { id: person.id } } })),
    done: (out) => (out.complete ? t('person.exported') : t('person.exported-part')),
    after: (out) => save(`person-${person.id}.json`, JSON.stringify(out, null, 2)),
  })
  if (!may('people:write') && !may('people:merge') && !may('people:erase')) return null
  return (
    <>
      {may('people:write') && <Button leftSection={<IconNotes size={16} />} onClick={() => setForm('note')}>{t('note')}</Button>}
      <Menu position="bottom-end" width={220} shadow="md">
        <Menu.Target><Button variant="default" rightSection={<IconChevronDown size={14} />} loading={exporting.isPending}>{t('person.more')}</Button></Menu.Target>
        <Menu.Dropdown>
          {may('people:write') && <Menu.Item leftSection={<IconMessageCheck size={15} />} onClick={() => setForm('consent')}>{t('consent.record')}</Menu.Item>}
          {may('people:merge') && <Menu.Item leftSection={<IconUsersGroup size={15} />} onClick={() => setForm('merge')}>{t('merge.with')}</Menu.Item>}
          {may('people:erase') && <>
            <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => exporting.mutate(undefined)}>{t('person.export')}</Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconTrash size={15} />} c="var(--bad)" onClick={() => setForm('erase')}>{t('erase')}</Menu.Item>
          </>}
        </Menu.Dropdown>
      </Menu>
      <NoteForm person={person} opened={form === 'note'} onClose={close} />
      <ConsentForm person={person} opened={form === 'consent'} onClose={close} />
      <MergeForm person={person} opened={form === 'merge'} onClose={close} />
      <Erase person={person} opened={form === 'erase'} onClose={close} />
    </>
  )
}

function save(name: string, text: string) {
  const a = document.createElement('a')
  a.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  a.download = name
  a.click()
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000)
}
