import { Link } from 'react-router'
import { useMay } from '../api/session'
import { useBrand } from '../shell/Shell'
import { Bars, Shares } from '../ui/Bars'
import { Figures, Page, Panel } from '../ui/Page'
import { Await } from '../ui/State'
import { useNow } from '../ui/When'
import { brief, count } from '../words/numbers'
import { clock } from '../words/time'
import { outcomeText, readable } from '../words/words'
import { DecisionShares } from './parts/DecisionShares'
import { LiveFeed } from './parts/LiveFeed'
import { Needs } from './parts/Needs'
import { hours, useOverview, type Overview } from './queries'

export default function HomePage() {
  const overview = useOverview()
  const brand = useBrand()
  return (
    <Page title={brand.data?.title ?? 'Home'} name="Home" lead="What happened in the last 24 hours, and what needs a person.">
      <Await query={overview} lines={10}>{(o) => <Whole o={o} />}</Await>
    </Page>
  )
}

function Whole({ o }: { o: Overview }) {
  const may = useMay()
  const now = useNow()
  const by = (key: string) => o.messages.find((m) => m.key === key)?.count ?? 0
  const bars = hours(o.per_hour, now).map((h) => ({ label: clock(h.at), value: h.value, note: `${clock(h.at)} to ${clock(h.at + 3_600_000)}` }))
  const link = (to: string, text: string) => (may('people:read') ? <Link to={to} style={{ color: 'inherit' }}>{text}</Link> : text)
  return (
    <div className="stack loose">
      <Figures items={[
        { label: 'People', value: link('/people', brief(o.people)), note: o.known ? `${brief(o.known)} known by name or address` : 'everyone the brand has met' },
        { label: 'Events today', value: brief(o.events_today), note: `${brief(o.events)} ever${o.events_per_second ? ` · ${o.events_per_second.toFixed(1)} a second` : ''}` },
        { label: outcomeText('send'), value: link('/ledger?outcome=send', brief(by('send'))), note: 'messages let through' },
        { label: 'Held back', value: link('/ledger?outcome=hold', brief(by('hold') + by('drop'))), note: `${count(by('hold'))} held, ${count(by('drop'))} dropped` },
        { label: 'In journeys', value: <Link to="/journeys" style={{ color: 'inherit' }}>{brief(o.active_runs)}</Link>, note: 'runs under way' },
        { label: 'Open cases', value: brief(o.open_cases), note: o.open_cases ? 'nobody sells to them' : 'nothing to put right' },
      ]} />
      <div className="two">
        <div className="stack loose">
          <Panel title="Events by hour"><Bars bars={bars} unit="Events" /></Panel>
          <Panel title="Decisions"><DecisionShares overview={o} /></Panel>
          {o.stages.length > 0 && (
            <Panel title="People by stage">
              <Shares rows={o.stages.map((s) => ({ key: s.key, value: s.count, label: link(`/people?stage=${encodeURIComponent(s.key)}`, readable(s.key || 'none')) }))} />
            </Panel>
          )}
        </div>
        <div className="stack loose">
          <Needs overview={o} />
          {may('people:read') && <LiveFeed />}
          <Health o={o} />
        </div>
      </div>
    </div>
  )
}

function Health({ o }: { o: Overview }) {
  const lag = (name: string) => o.lag.find((l) => l.consumer === name)
  return (
    <Panel title="Engines">
      <ul className="stack" style={{ gap: 7 }}>
        {o.health.map((h) => {
          const behind = lag(h.name)
          return (
            <li key={h.name} className="row between" style={{ gap: 14 }}>
              <span className="row nowrap" style={{ gap: 8, flex: 'none' }}><span className={h.ok ? 'dot good' : 'dot bad'} /><span className="sr">{h.ok ? 'well:' : 'not well:'}</span>{readable(h.name)}</span>
              <span className={h.ok ? 'soft small cut' : 'small'} style={h.ok ? undefined : { color: 'var(--bad)' }}>{h.ok && behind ? (behind.behind ? `${count(behind.behind)} behind` : 'up to date') : h.detail}</span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
