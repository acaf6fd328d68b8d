import { Autocomplete, Select } from '@mantine/core'
import { useState } from 'react'
import { RuleEditor } from '../../segments/builder'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { useNow, When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { spanText } from '../../words/time'
import { read } from '../design'
import { useEvents, useGoal, type BroadcastDetail, type Goal } from '../queries'

const t = words('broadcasts')
const spans = ['1d', '3d', '7d', '14d', '30d']

/** What the broadcast did: how many came to a goal, against those who were held out. */
export function GoalPanel({ d }: { d: BroadcastDetail }) {
  const [get, set] = useFilters()
  const design = read(d.body)
  const own = !get('goal') // the document's goal, with its condition
  const event = get('goal') || design.goal
  const within = get('within') || design.within
  const [text, setText] = useState(event)
  const events = useEvents()
  const goal = useGoal(d.broadcast.name, get('goal'), get('where'), within, !!event)
  const choose = (name: string) => { if (name !== event) set({ goal: name, where: null }) }
  return (
    <Panel title={t('goal.title')}>
      <div className="filters">
        <Autocomplete label={t('goal')} data={events.data ?? []} value={text} onChange={setText} onOptionSubmit={choose} onBlur={() => choose(text.trim())} placeholder="Order Completed" />
        <Select label={t('goal.span')} data={[...new Set([...spans, within])].map((s) => ({ value: s, label: spanText(s) }))} value={within} onChange={(v) => set({ within: v })} allowDeselect={false} />
      </div>
      {event && (
        <details className="more-of-it" open={!!get('where')}>
          <summary>{goal.data?.where ? <>{t('goal.only')} <code>{goal.data.where}</code></> : t('goal.where')}</summary>
          <RuleEditor key={event} label={t('goal.where')} where={{ name: event }} value={(own ? design.where : get('where')) || undefined} onChange={(r) => { if (r.valid) set({ goal: event, where: r.text }) }} stacked />
        </details>
      )}
      {event ? <Await query={goal} lines={4}>{(g) => <Measured g={g} />}</Await> : <p className="soft">{t('goal.choose')}</p>}
    </Panel>
  )
}

const points = (share: number) => `${(share * 100).toFixed(1)}`

function Measured({ g }: { g: Goal }) {
  const now = useNow()
  if (!g.groups.length) return <p className="soft">{t('goal.none')}</p>
  const top = Math.max(0.02, ...g.groups.map((x) => x.share.high)) * 1.05
  return (
    <div className="stack loose">
      {g.open && Date.parse(g.open) > now && <div className="note-box">{t('goal.open')} <When at={g.open} long /></div>}
      <table className="funnel">
        <caption className="sr">{t('goal.title')}</caption>
        <tbody>
          {g.groups.map((x) => (
            <tr key={`${x.variant} ${x.held_out}`}>
              <th scope="row">{x.held_out ? t('goal.heldout') : x.variant ? t('variant', { name: x.variant }) : t('goal.got')}</th>
              <td className="bar"><Range low={x.share.low / top} value={x.share.value / top} high={x.share.high / top} muted={x.held_out} /></td>
              <td className="num right">{points(x.share.value)} %</td>
              <td className="num right soft">{t('of', { n: count(x.reached), of: count(x.people) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {g.effects.length ? (
        <ul className="stack">
          {g.effects.map((e) => (
            <li key={e.variant}>
              <b>{e.variant ? t('variant', { name: e.variant }) : t('goal.all')}: {e.more.value > 0 ? '+' : ''}{points(e.more.value)} {t('goal.points')}</b>{' '}
              <span className="soft">({t('goal.interval', { low: points(e.more.low), high: points(e.more.high) })})</span>{' '}
              {e.more.low > 0 ? t('goal.more') : e.more.high < 0 ? t('goal.less') : t('goal.unsure')}
            </li>
          ))}
        </ul>
      ) : <p className="soft">{t('goal.nobody')}</p>}
      <p className="soft small">{t('goal.how')}</p>
    </div>
  )
}

/** A share with its interval, all between 0 and 1. */
function Range({ low, value, high, muted }: { low: number; value: number; high: number; muted: boolean }) {
  return (
    <svg width="100%" height="16" aria-hidden="true" style={{ display: 'block' }}>
      <rect x={0} y={4} width={`${value * 100}%`} height={8} rx={2} fill={muted ? 'var(--mute-fill)' : 'var(--bar)'} opacity={0.55} />
      <line x1={`${low * 100}%`} x2={`${high * 100}%`} y1={8} y2={8} stroke="var(--ink)" strokeWidth={1.5} />
      {[low, high].map((x) => <line key={x} x1={`${x * 100}%`} x2={`${x * 100}%`} y1={3} y2={13} stroke="var(--ink)" strokeWidth={1.5} />)}
    </svg>
  )
}
