import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '../api/session'
import { slug } from '../segments/parts/slug'
import { fresh } from '../ui/fresh'
import { Page } from '../ui/Page'
import { Empty } from '../ui/State'
import { TabLinks } from '../ui/TabLinks'
import { useFilters } from '../ui/useParams'
import { words } from '../words/i18n'
import { Editor } from './edit/Editor'
import { useDraft } from './edit/useDraft'
import { Rehearse } from './parts/Rehearse'
import { Simulate } from './parts/Simulate'

const t = words('journeys')

export default function NewJourneyPage() {
  const may = useMay()
  if (may('specs:write')) return <NewJourney />
  return <Page title={t('new')} crumb={{ to: '/journeys', text: t('title') }}><Empty title={t('new.refused')}>{t('new.refused.what')}</Empty></Page>
}

/** A journey that is not there yet. */
function NewJourney() {
  const go = useNavigate()
  const [get] = useFilters()
  const draft = useDraft('(new)', 0, { trigger: { event: '' }, nodes: [] })
  const title = draft.design.title ?? ''
  const [name, setName] = useState(() => slug(title))
  const views = ['edit', 'simulate', 'rehearse']
  const view = views.includes(get('view')) ? get('view') : 'edit'
  const rename = (text: string) => {
    if (!name || name === slug(title)) setName(slug(text))
    draft.set({ ...draft.design, title: text || undefined }, 'title')
  }
  const leave = () => {
    draft.reset()
    void go(`/journeys/${name}`)
  }
  return (
    <Page title={t('new')} crumb={{ to: '/journeys', text: t('title') }} lead={t('new.lead')}>
      <div className="stack loose">
        <TabLinks label={t('views')} tabs={views.map((v) => ({ to: v === 'edit' ? `/journeys/${fresh}` : `/journeys/${fresh}?view=${v}`, text: t(`view.${v}`), here: v === view }))} />
        {view === 'edit' && <Editor name={name} draft={draft} onSaved={leave} onTake={leave} header={(
          <div className="row wrap" style={{ padding: '0 16px 12px', alignItems: 'flex-end' }}>
            <TextInput size="sm" label={t('field.title')} value={title} onChange={(e) => rename(e.currentTarget.value)} placeholder={t('new.title-example')} w={280} />
            <TextInput size="sm" label={t('field.name')} value={name} onChange={(e) => setName(e.currentTarget.value)} w={220} maxLength={64} error={name && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) ? t('new.name-wrong') : undefined} />
          </div>
        )} />}
        {view === 'simulate' && <Simulate name={name || 'draft'} doc={draft.doc} design={draft.design} />}
        {view === 'rehearse' && <Rehearse name={name || 'draft'} doc={draft.doc} design={draft.design} />}
      </div>
    </Page>
  )
}
