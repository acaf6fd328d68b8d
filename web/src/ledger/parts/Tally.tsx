import { useElementSize } from '@mantine/hooks'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { niceTop, Shares } from '../../ui/Bars'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { clock, day } from '../../words/time'
import { outcomeText, reasonText, toneOf } from '../../words/words'
import { steps } from './tally'

const t = words('ledger')
const outcomes = ['drop', 'hold', 'send'] as const

/** Decisions drawn: over time by outcome, and by reason; each reason narrows the list. */
export function Tally({ tally }: { tally: Schemas['DecisionTally'] }) {
  const [search] = useSearchParams()
  const all = tally.counts.reduce((n, c) => n + c.count, 0)
  if (!all) return <p className="soft">{t('noCounts')}</p>
  const with_ = (values: Record<string, string>) => {
    const next = new URLSearchParams(search)
    for (const [k, v] of Object.entries(values)) next.set(k, v)
    return `/ledger?${next}`
  }
  const byReason = new Map<string, { outcome: string; reason: string; count: number; rules: string[] }>()
  for (const c of tally.counts) {
    const key = `${c.outcome}/${c.reason}`
    const has = byReason.get(key) ?? { outcome: c.outcome, reason: c.reason, count: 0, rules: [] }
    has.count += c.count
    if (c.rule) has.rules.push(`${c.rule} ${count(c.count)}`)
    byReason.set(key, has)
  }
  return (
    <div className="stack loose">
      <Stacks hours={tally.hours} />
      <ul className="row wrap" style={{ gap: '4px 16px' }}>
        {[...outcomes].reverse().map((o) => (
          <li key={o}><Link className="row quiet" style={{ gap: 7, color: 'inherit' }} to={with_({ outcome: o })}><span className={`dot ${toneOf(o)}`} />{outcomeText(o)} <b className="num">{count(tally.counts.filter((c) => c.outcome === o).reduce((n, c) => n + c.count, 0))}</b></Link></li>
        ))}
      </ul>
      <Shares rows={[...byReason.values()].sort((a, b) => b.count - a.count).map((r) => ({
        key: `${r.outcome}/${r.reason}`, value: r.count, tone: `var(--${toneOf(r.outcome)}-fill)`,
        label: <><Link to={with_({ reason: r.reason, outcome: r.outcome })}>{reasonText(r.reason)}</Link>{r.rules.length > 0 && <span className="soft small"> {r.rules.slice(0, 3).join(', ')}</span>}</>,
      }))} />
    </div>
  )
}

function Stacks({ hours }: { hours: Schemas['DecisionHour'][] }) {
  const { ref, width } = useElementSize()
  const [at, setAt] = useState<number | null>(null)
  const { each, stacks } = steps(hours)
  const height = 110
  const top = niceTop(Math.max(1, ...stacks.map((s) => s.send + s.hold + s.drop)))
  const step = Math.max(1, width) / Math.max(1, stacks.length)
  const wide = Math.min(28, Math.max(1, step * 0.8))
  const name = (ms: number) => (each === 'day' ? day(ms) : `${day(ms)}, ${clock(ms)}`)
  const shown = at === null ? undefined : stacks[at]
  return (
    <figure ref={ref} style={{ minHeight: height + 24 }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={stacks.map((s) => `${name(s.at)}: ${outcomes.map((o) => `${outcomeText(o)} ${s[o]}`).join(', ')}`).join('; ')} style={{ display: 'block' }} onMouseLeave={() => setAt(null)}>
          <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
          {stacks.map((s, i) => {
            let y = height
            return (
              <g key={s.at} onMouseEnter={() => setAt(i)} opacity={at === null || at === i ? 1 : 0.5}>
                <rect x={i * step} y={0} width={step} height={height} fill="transparent" />
                {(['send', 'hold', 'drop'] as const).map((o) => {
                  const h = (s[o] / top) * (height - 4)
                  y -= h
                  return s[o] > 0 && <rect key={o} x={i * step + (step - wide) / 2} y={y} width={wide} height={Math.max(1, h)} fill={`var(--${toneOf(o)}-fill)`} />
                })}
              </g>
            )
          })}
        </svg>
      )}
      <figcaption className="small soft num" aria-hidden="true" style={{ minHeight: 20, marginTop: 4 }}>
        {shown ? `${name(shown.at)}: ${count(shown.send)} / ${count(shown.hold)} / ${count(shown.drop)}` : stacks.length > 0 && (stacks.length > 1 ? `${name(stacks[0].at)} – ${name(stacks[stacks.length - 1].at)}` : name(stacks[0].at))}
      </figcaption>
    </figure>
  )
}
