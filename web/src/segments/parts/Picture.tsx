import type { CSSProperties } from 'react'
import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import type { Line, Upset } from './upset'

const t = words('segments')

/** How many combinations are drawn; the table beside it has all. */
const most = 12
const step = 22
const color = (i: number) => `var(--set-${i + 1})`

/** "only Regulars", "Regulars and Quiet". */
export const called = (line: { in: string[] }, titleOf: (name: string) => string) =>
  line.in.length === 1 ? t('overlap.only', { name: titleOf(line.in[0]) }) : line.in.map(titleOf).join(' + ')

/** Segments above, each in its colour and its column; below, the combinations: whose dots are joined, and how many they are. */
export function Picture({ drawn, titleOf }: { drawn: Upset; titleOf: (name: string) => string }) {
  const lines = drawn.lines.slice(0, most)
  const about = t('overlap.picture', { what: lines.slice(0, 3).map((l) => t('overlap.line', { who: called(l, titleOf), people: count(l.people), part: percent(l.share) })).join('; ') })
  return (
    <figure className="upset" style={{ '--dots': `${drawn.segments.length * step}px` } as CSSProperties}>
      <div role="img" aria-label={about}>
        <div className="upset-part">
          {drawn.segments.map((s, i) => (
            <div className="upset-line" key={s.name}>
              <Dots sets={drawn.segments.length} at={[i]} opens={i} />
              <Bar name={titleOf(s.name)} people={s.people} length={s.length} fill={color(i)} />
            </div>
          ))}
        </div>
        <div className="upset-part">
          {lines.map((l) => (
            <div className="upset-line" key={l.key}>
              <Dots sets={drawn.segments.length} at={l.at} />
              <Bar name={called(l, titleOf)} people={l.people} length={l.length} fill={l.at.length === 1 ? color(l.at[0]) : 'var(--ink-fill)'} />
            </div>
          ))}
        </div>
      </div>
      {drawn.lines.length > most && <figcaption className="soft small">{t('overlap.more', { count: drawn.lines.length - most })}</figcaption>}
    </figure>
  )
}

/** One dot a segment; those at hand are filled and joined. `opens`: the first line of a column, whose guide leads down from here. */
function Dots({ sets, at, opens }: { sets: number; at: Line['at']; opens?: number }) {
  const x = (i: number) => i * step + step / 2
  return (
    <svg className="upset-dots" width={sets * step} height="100%" aria-hidden="true">
      {Array.from({ length: sets }, (_, i) => (opens === undefined || i <= opens) && <line key={i} x1={x(i)} x2={x(i)} y1={opens === i ? '50%' : 0} y2="100%" stroke="var(--line)" strokeWidth={1} />)}
      {at.length > 1 && <line x1={x(at[0])} x2={x(at[at.length - 1])} y1="50%" y2="50%" stroke="var(--ink-fill)" strokeWidth={2} />}
      {Array.from({ length: sets }, (_, i) => {
        const on = at.includes(i)
        return (on || opens === undefined) && <circle key={i} cx={x(i)} cy="50%" r={on ? 6 : 3} fill={on ? color(i) : 'var(--line-strong)'} stroke={on ? 'var(--surface)' : undefined} strokeWidth={1} />
      })}
    </svg>
  )
}

function Bar({ name, people, length, fill }: { name: string; people: number; length: number; fill: string }) {
  return (
    <div className="upset-bar">
      <div className="row between" style={{ gap: 10, flexWrap: 'nowrap' }}><span className="cut">{name}</span><b className="num">{count(people)}</b></div>
      <i style={{ width: `max(3px, ${length * 100}%)`, background: fill }} />
    </div>
  )
}
