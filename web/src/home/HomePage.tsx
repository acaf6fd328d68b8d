import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import { useBrand } from '../shell/Shell'
import { Bars } from '../ui/Bars'
import { Figures, Page, Panel } from '../ui/Page'
import { Await } from '../ui/State'
import { useNow } from '../ui/When'
import { words } from '../words/i18n'
import { brief, count, percent } from '../words/numbers'
import { clock } from '../words/time'
import { outcomeText, partText } from '../words/words'
import { DecisionShares } from './parts/DecisionShares'
import { Flow } from './parts/Flow'
import { LiveFeed } from './parts/LiveFeed'
import { Needs } from './parts/Needs'
import { Stages } from './parts/Stages'
import { hours, useOverview, type Overview } from './queries'

const t = words('home')

export default function HomePage() {
  const may = useMay()
  const overview = useOverview()
  const brand = useBrand()
  return (
    <Page title={brand.data?.title ?? t('title')} name={t('title')} lead={t('lead')}>
      {brand.data === null && may('data:manage') && may('specs:write') && (
        <div className="note-box row between wrap" style={{ marginBottom: 18 }}><span>{t('no-brand')}</span><Button component={Link} to="/welcome" size="compact-md">{t('first-steps')}</Button></div>
      )}
      <Await query={overview} lines={10}>{(o) => <Whole o={o} />}</Await>
    </Page>
  )
}

function Whole({ o }: { o: Overview }) {
  const may = useMay()
  const now = useNow()
  const by = (key: string) => o.messages.find((m) => m.key === key)?.count ?? 0
  const became = (key: string) => o.outcomes.find((m) => m.key === key)?.count ?? 0
  const bars = hours(o.per_hour, now).map((h) => ({ label: clock(h.at), value: h.value, note: t('hour', { from: clock(h.at), to: clock(h.at + 3_600_000) }) }))
  const link = (to: string, text: string) => (may('people:read') ? <Link to={to} style={{ color: 'inherit' }}>{text}</Link> : text)
  const delivered = became('delivered')
  return (
    <div className="stack loose">
      <Figures items={[
        { label: t('people'), value: link('/people', brief(o.people)), note: o.known ? t('known', { n: brief(o.known) }) : t('everyone') },
        { label: t('events-today'), value: brief(o.events_today), note: t('ever', { n: brief(o.events) }) },
        { label: outcomeText('send'), value: link('/ledger?outcome=send', brief(by('send'))), note: delivered ? t('delivered', { share: percent(delivered / Math.max(delivered, became('sent'))) }) : t('let-through') },
        { label: t('held-back'), value: link('/ledger?outcome=hold', brief(by('hold') + by('drop'))), note: t('held-dropped', { held: count(by('hold')), dropped: count(by('drop')) }) },
        { label: t('in-journeys'), value: <Link to="/journeys" style={{ color: 'inherit' }}>{brief(o.active_runs)}</Link>, note: t('under-way') },
        { label: t('cases'), value: brief(o.open_cases), note: o.open_cases ? t('cases-some') : t('cases-none') },
      ]} />
      <div className="two">
        <div className="stack loose">
          {o.stages.length > 0 && <Panel title={t('stages')} aside={<span className="soft small">{t('stages-about')}</span>}><Stages o={o} /></Panel>}
          <Flow o={o} />
          <Panel title={t('decisions')}><DecisionShares overview={o} /></Panel>
          <Panel title={t('by-hour')}><Bars bars={bars} unit={t('events')} /></Panel>
        </div>
        <div className="stack loose">
          <Needs overview={o} />
          {may('people:read') && <LiveFeed />}
          <Engines o={o} />
        </div>
      </div>
    </div>
  )
}

/** All engines in one line each way: well, or what is not. */
function Engines({ o }: { o: Overview }) {
  const bad = o.health.filter((h) => !h.ok)
  return (
    <Panel title={t('engines')} aside={<Link to="/settings/health" className="small">{t('look')}</Link>}>
      <div className="row wrap" style={{ gap: '6px 14px' }}>
        {o.health.map((h) => <span key={h.name} className="row nowrap small" style={{ gap: 6 }}><span className={h.ok ? 'dot good' : 'dot bad'} /><span className="sr">{h.ok ? t('well') : t('unwell')}</span>{partText(h.name)}</span>)}
      </div>
      {bad.map((h) => <p key={h.name} className="small" style={{ color: 'var(--bad)', marginTop: 8 }}>{partText(h.name)}: {h.detail}</p>)}
    </Panel>
  )
}
