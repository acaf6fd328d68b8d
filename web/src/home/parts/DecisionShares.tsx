import { Link } from 'react-router'
import { Shares } from '../../ui/Bars'
import { count, percent } from '../../words/numbers'
import { outcomeText, reasonText, toneOf } from '../../words/words'
import type { Overview } from '../queries'
import { words } from '../../words/i18n'

const t = words('home')

/** What was decided in the last day: the three outcomes as one bar, the reasons below. */
export function DecisionShares({ overview }: { overview: Overview }) {
  const by = overview.messages.filter((m) => ['send', 'hold', 'drop'].includes(m.key))
  const all = by.reduce((n, m) => n + m.count, 0)
  if (!all) return <p className="soft">{t('nothing-decided')}</p>
  return (
    <div className="stack loose">
      <div>
        <div style={{ display: 'flex', height: 12, borderRadius: 6, overflow: 'hidden', gap: 2 }} role="img" aria-label={by.map((m) => `${outcomeText(m.key)} ${m.count}`).join(', ')}>
          {by.filter((m) => m.count).map((m) => <div key={m.key} style={{ flexGrow: m.count, minWidth: 4, background: `var(--${toneOf(m.key)}-fill)` }} />)}
        </div>
        <ul className="row wrap" style={{ gap: '4px 18px', marginTop: 8 }}>
          {by.map((m) => (
            <li key={m.key}><Link to={`/ledger?outcome=${m.key}`} className="row quiet" style={{ gap: 7, color: 'inherit' }}><span className={`dot ${toneOf(m.key)}`} />{outcomeText(m.key)} <b className="num">{count(m.count)}</b><span className="soft num">{percent(m.count / all)}</span></Link></li>
          ))}
        </ul>
      </div>
      {overview.held_back.length > 0 && (
        <div>
          <div className="eyebrow" style={{ marginBottom: 8 }}>{t('why-held')}</div>
          <Shares rows={[...overview.held_back].sort((a, b) => b.count - a.count).map((r) => ({ key: r.key, value: r.count, label: <Link to={`/ledger?reason=${r.key}`}>{reasonText(r.key)}</Link> }))} />
        </div>
      )}
    </div>
  )
}
