import { Button, SegmentedControl } from '@mantine/core'
import { IconWorldCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { asProblem } from '../../api/client'
import { useMay } from '../../api/session'
import { Panel } from '../../ui/Page'
import { Empty, Loading, Trouble } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { words } from '../../words/i18n'
import { bytes } from '../../words/numbers'
import { usePreview, type Body } from '../queries'
import { Findings } from './Findings'
import { Frame } from './Frame'
import { PersonPick } from './PersonPick'

const t = words('templates')

/** The template as one person sees it, and what should be put right. */
export function Reading({ name, body, narrow }: { name: string; body: Body; narrow?: boolean }) {
  const may = useMay()
  const [get, set] = useFilters()
  const [links, setLinks] = useState(false)
  const person = get('person')
  const view = get('view') || (narrow ? 'phone' : 'wide')
  const dark = get('dark') === '1'
  const preview = usePreview(name || 'draft', body, { person: person || undefined, links: links || undefined }, may('people:read'))
  if (!may('people:read')) return <Empty title={t('read.refused')}>{t('read.refused.what')}</Empty>
  const p = preview.data
  const shown = (
    <Panel flush title={t('tab.read')} aside={<span className="row wrap" style={{ gap: 8 }}>
      <SegmentedControl size="xs" aria-label={t('view')} value={view} onChange={(v) => set({ view: v })} data={[{ value: 'wide', label: t('view.wide') }, { value: 'phone', label: t('view.phone') }, { value: 'text', label: t('view.text') }]} />
      <SegmentedControl size="xs" aria-label={t('light')} value={dark ? 'dark' : 'light'} onChange={(v) => set({ dark: v === 'dark' ? '1' : null })} data={[{ value: 'light', label: t('light.light') }, { value: 'dark', label: t('light.dark') }]} />
    </span>}>
      {preview.isError ? <div className="await"><Trouble problem={asProblem(preview.error)} onRetry={() => void preview.refetch()} /></div> : !p ? <Loading lines={8} /> : (
        <>
          {p.subject !== undefined && <div className="letter-head"><div className="subject">{p.subject || t('subject.none')}</div><div className="soft small cut">{p.from}{p.preheader && ` · ${p.preheader}`}</div></div>}
          {view === 'text' || !p.html
            ? <pre className="code wrap" style={{ border: 0, borderRadius: '0 0 10px 10px', minHeight: 260 }} tabIndex={0} role="region" aria-label={t('view.text')}>{p.text || p.body || ''}</pre>
            : <Frame html={p.html} title={t('frame', { subject: p.subject ?? '' })} phone={view === 'phone'} dark={dark} />}
        </>
      )}
    </Panel>
  )
  const aside = (
    <div className="stack loose">
      <Panel title={t('as')}><PersonPick value={person} onChange={(id) => set({ person: id })} /></Panel>
      <Panel title={t('checks')} aside={p && p.bytes > 0 && <span className="soft small num">{bytes(p.bytes)}</span>}>
        {p ? <Findings list={p.findings} /> : <Loading lines={3} />}
        {body.channel === 'email' && <Button mt={14} size="compact-sm" variant="default" leftSection={<IconWorldCheck size={15} />} loading={links && preview.isFetching} onClick={() => setLinks(true)} disabled={links && !preview.isFetching}>{links && !preview.isFetching ? t('links.asked') : t('links.ask')}</Button>}
      </Panel>
    </div>
  )
  return narrow ? <div className="stack loose">{aside}{shown}</div> : <div className="two">{shown}{aside}</div>
}
