import { useElementSize } from '@mantine/hooks'
import { useId, useState } from 'react'
import { count, short } from '../words/numbers'

export type Bar = { label: string; value: number; note?: string }

/** Bars over time, drawn by hand: light, sharp, readable by a screen reader as a table. */
export function Bars({ bars, unit, height = 150, every = 6 }: { bars: Bar[]; unit: string; height?: number; every?: number }) {
  const id = useId()
  const [at, setAt] = useState<number | null>(null)
  const { ref, width: measured } = useElementSize()
  const width = Math.max(240, Math.round(measured))
  const top = niceTop(Math.max(1, ...bars.map((b) => b.value)))
  const left = 46
  const bottom = 20
  const step = (width - left) / bars.length
  const y = (v: number) => (height - bottom) * (1 - v / top) + 6
  const shown = at !== null ? bars[at] : undefined
  return (
    <figure ref={ref} style={{ position: 'relative', minHeight: height + 26 }}>
      {measured > 0 && <svg width={width} height={height + 6} role="img" aria-labelledby={id} style={{ display: 'block' }} onMouseLeave={() => setAt(null)}>
        <title id={id}>{`${unit}: ${bars.map((b) => `${b.label} ${b.value}`).join(', ')}`}</title>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line x1={left} x2={width} y1={y(top * part)} y2={y(top * part)} stroke="var(--line)" strokeWidth={1} />
            <text x={left - 8} y={y(top * part) + 4} textAnchor="end" fontSize="11" fill="var(--soft)">{short(top * part)}</text>
          </g>
        ))}
        {bars.map((b, i) => {
          const h = Math.max(b.value > 0 ? 2 : 0, y(0) - y(b.value))
          return (
            <g key={i} onMouseEnter={() => setAt(i)}>
              <rect x={left + i * step} y={0} width={step} height={height} fill="transparent" />
              <rect x={left + i * step + step * 0.16} y={y(0) - h} width={step * 0.68} height={h} rx={2.5} fill={at === i || i === bars.length - 1 ? 'var(--accent)' : 'var(--bar)'} opacity={at === null || at === i ? 1 : 0.55} />
              {(bars.length - 1 - i) % every === 0 && (
                <text x={left + i * step + step / 2} y={height + 2} textAnchor={i === bars.length - 1 ? 'end' : 'middle'} dx={i === bars.length - 1 ? step / 2 : 0} fontSize="11" fill="var(--soft)">{b.label}</text>
              )}
            </g>
          )
        })}
      </svg>}
      <figcaption className="small soft num" style={{ minHeight: 20 }} aria-hidden="true">
        {shown ? <>{shown.note ?? shown.label}: <b style={{ color: 'var(--ink)' }}>{count(shown.value)}</b> {unit.toLowerCase()}</> : '\u00a0'}
      </figcaption>
    </figure>
  )
}

/** The next round number above a value: what an axis ends with. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  for (const m of [1, 2, 4, 5, 10]) if (m * power >= value) return Math.max(2, m * power)
  return 10 * power
}

/** Rows with a bar each: how much of a whole. */
export function Shares({ rows }: { rows: { key: string; label: React.ReactNode; value: number; tone?: string }[] }) {
  const top = Math.max(1, ...rows.map((r) => r.value))
  return (
    <ul className="stack" style={{ gap: 9 }}>
      {rows.map((r) => (
        <li key={r.key}>
          <div className="row between"><span className="cut">{r.label}</span><span className="num">{count(r.value)}</span></div>
          <div style={{ height: 5, borderRadius: 3, background: 'var(--sunk)', marginTop: 4 }} aria-hidden="true">
            <div style={{ width: `${Math.max(1, (r.value / top) * 100)}%`, height: '100%', borderRadius: 3, background: r.tone ?? 'var(--bar)' }} />
          </div>
        </li>
      ))}
    </ul>
  )
}
