import { IconArrowsSplit, IconBell, IconBolt, IconChecklist, IconClock, IconFlag, IconGitBranch, IconMail, IconPencil, IconQuestionMark, IconScale, IconWebhook, type Icon } from '@tabler/icons-react'
import { useMemo } from 'react'
import { count } from '../../words/numbers'
import { describe, describeTrigger, edgesOf, end, kindOf, start, type Design, type NodeDoc } from '../design'
import { layout, type Path } from '../layout'
import type { JourneyDetail } from '../queries'
import './flow.css'

const icons: Record<string, Icon> = {
  message: IconMail, wait: IconClock, wait_for: IconBell, branch: IconGitBranch, split: IconArrowsSplit, holdout: IconScale,
  update: IconPencil, task: IconChecklist, webhook: IconWebhook, end: IconFlag,
}

const pitch = { x: 270, y: 152 }
const size = { w: 240, h: 92 }
const pad = 20

type Counts = Map<string, { here: number; passed: number }>

/** The journey, drawn: who stands where, right now. */
export function Flow({ detail, selected, onSelect }: { detail: JourneyDetail; selected: string; onSelect: (node: string) => void }) {
  const design = detail.body as Design
  const nodes = design.nodes ?? []
  const l = useMemo(() => layout(nodes.map((n) => n.id), edgesOf(design)), [design]) // eslint-disable-line -- nodes are part of design
  const counts: Counts = useMemo(() => {
    const by: Counts = new Map()
    for (const n of detail.nodes) {
      const had = by.get(n.node) ?? { here: 0, passed: 0 }
      by.set(n.node, { here: had.here + n.here, passed: had.passed + n.passed })
    }
    return by
  }, [detail.nodes])
  const doc = new Map(nodes.map((n) => [n.id, n]))
  const x = (at: number) => pad + at * pitch.x
  const y = (row: number) => pad + row * pitch.y
  const width = l.width * pitch.x + pad * 2
  const height = (l.rows - 1) * pitch.y + size.h + pad * 2
  return (
    <div className="flow" tabIndex={0} role="region" aria-label="The journey, drawn">
      <div style={{ position: 'relative', width, height, margin: '0 auto' }}>
        <svg width={width} height={height} aria-hidden="true" style={{ position: 'absolute', inset: 0 }}>
          <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="var(--line-strong)" /></marker></defs>
          {l.paths.map((p, i) => <path key={i} d={curve(p, x, y)} className="edge" markerEnd="url(#tip)" strokeDasharray={p.back ? '4 4' : undefined} />)}
        </svg>
        {l.paths.map((p, i) => p.edge.label && <span key={i} className={`edge-label ${p.edge.tone ?? 'mute'}`} style={labelAt(p, l.paths, x, y)}>{p.edge.label}</span>)}
        {l.nodes.map((n) => {
          const place = { left: x(n.x) - size.w / 2, top: y(n.row), width: size.w, height: size.h }
          if (n.id === start) return <div key={n.id} className="node start" style={place}><IconBolt size={17} aria-hidden="true" /><div><span className="kind">Starts with</span><b>{describeTrigger(design.trigger)}</b></div></div>
          if (n.id === end) return <div key={n.id} className="node stop" style={{ ...place, left: x(n.x) - 45, width: 90, height: 34 }}><IconFlag size={14} aria-hidden="true" />End</div>
          return <Box key={n.id} n={doc.get(n.id)!} counts={counts.get(n.id)} style={place} chosen={selected === n.id} onSelect={() => onSelect(selected === n.id ? '' : n.id)} />
        })}
      </div>
    </div>
  )
}

function Box({ n, counts, style, chosen, onSelect }: { n: NodeDoc; counts?: { here: number; passed: number }; style: React.CSSProperties; chosen: boolean; onSelect: () => void }) {
  const kind = kindOf(n)
  const Icon = (kind && icons[kind]) ?? IconQuestionMark
  const { what, detail } = describe(n)
  return (
    <button type="button" className={`node ${kind ?? ''}${chosen ? ' chosen' : ''}`} style={style} aria-pressed={chosen} onClick={onSelect} title={`${n.id}: ${what}${detail ? `, ${detail}` : ''}`}>
      <Icon size={17} aria-hidden="true" stroke={1.8} />
      <span className="say"><b>{what}</b>{detail && <span className="detail">{detail}</span>}</span>
      <span className="counts">
        {counts?.here ? <span className="here">{count(counts.here)} here</span> : <span>nobody here</span>}
        {counts?.passed ? <span>{count(counts.passed)} went on</span> : null}
      </span>
    </button>
  )
}

type Scale = (v: number) => number

function curve(p: Path, x: Scale, y: Scale): string {
  const first = p.points[0]
  const last = p.points[p.points.length - 1]
  if (p.back) {
    const side = Math.max(x(first.x), x(last.x)) + size.w / 2 + 14
    const y1 = y(first.row) + size.h / 2
    const y2 = y(last.row) + size.h / 2
    return `M${x(first.x) + size.w / 2} ${y1} C${side} ${y1} ${side} ${y2} ${x(last.x) + size.w / 2 + 3} ${y2}`
  }
  let d = `M${x(first.x)} ${y(first.row) + size.h}`
  let from = { x: x(first.x), y: y(first.row) + size.h }
  p.points.slice(1).forEach((q, i) => {
    const to = { x: x(q.x), y: y(q.row) - (i === p.points.length - 2 ? 2 : 0) }
    const bend = (to.y - from.y) / 2
    d += ` C${from.x} ${from.y + bend} ${to.x} ${to.y - bend} ${to.x} ${to.y}`
    if (i < p.points.length - 2) d += ` L${to.x} ${to.y + size.h}`
    from = { x: to.x, y: to.y + size.h }
  })
  return d
}

/** Labels stand where their edge enters, so that those of one node do not cover each other. */
function labelAt(p: Path, all: Path[], x: Scale, y: Scale): React.CSSProperties {
  const [a, b] = p.points
  const twins = all.filter((o) => o.edge.from === p.edge.from && o.points[1]?.x === b.x && o.points[1]?.row === b.row)
  const shift = twins.indexOf(p) * 20
  return { left: x(a.x) + (x(b.x) - x(a.x)) * 0.62, top: y(a.row) + size.h + (pitch.y - size.h) * 0.55 + shift }
}
