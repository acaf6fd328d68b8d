import { Link } from 'react-router'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { reasonText, type Tone } from '../../words/words'
import type { BroadcastDetail } from '../queries'

const t = words('broadcasts')

type Reason = BroadcastDetail['reasons'][number]

/** A reason in the words of people; some are of broadcasts alone. */
export const why = (code: string) => (['LEFT_SEGMENT', 'NO_ZONE', 'GONE', 'BROKEN', 'HOLDOUT', 'OK', 'WITHDRAWN'].includes(code) ? t(`reason.${code}`) : reasonText(code))

const fills: Record<Tone, string> = { good: 'var(--good-fill)', wait: 'var(--wait-fill)', bad: 'var(--bad-fill)', accent: 'var(--accent-fill)', mute: 'var(--mute-fill)' }

export function toneOf(r: Pick<Reason, 'outcome' | 'reason'>): Tone {
  if (r.reason === 'HOLDOUT') return 'mute'
  return r.outcome === 'send' ? 'good' : r.outcome === 'hold' ? 'wait' : r.outcome === 'drop' ? 'bad' : 'mute'
}

/** How many people each reason concerns; a reason leads to those people. */
export function ReasonBars({ reasons, to, onChoose, none }: { reasons: Reason[]; to?: (r: Reason) => string | undefined; onChoose?: (r: Reason) => void; none: string }) {
  if (!reasons.length) return <p className="soft">{none}</p>
  const most = Math.max(...reasons.map((r) => r.people))
  return (
    <ul className="stack" style={{ gap: 9 }}>
      {reasons.map((r) => {
        const href = to?.(r)
        const text = <>{why(r.reason)}{r.rule && <span className="soft"> · {r.rule}</span>}</>
        return (
          <li key={`${r.state} ${r.variant} ${r.outcome} ${r.reason} ${r.rule}`}>
            <div className="row between"><span className="cut">{href ? <Link to={href} preventScrollReset>{text}</Link> : onChoose ? <button type="button" className="link" onClick={() => onChoose(r)}>{text}</button> : text}</span><span className="num">{count(r.people)}</span></div>
            <div style={{ height: 6, borderRadius: 3, background: 'var(--sunk)', marginTop: 4 }} aria-hidden="true">
              <div style={{ width: `${Math.max(1, (r.people / most) * 100)}%`, height: '100%', borderRadius: 3, background: fills[toneOf(r)] }} />
            </div>
          </li>
        )
      })}
    </ul>
  )
}
