import { Select, TextInput, UnstyledButton } from '@mantine/core'
import { IconApps, IconArrowDownLeft, IconArrowUpRight, IconBuildingStore, IconCreditCard, IconDeviceMobile, IconMail, IconMessages, IconPackage, IconPhone, IconPoint, IconWorld, type Icon } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { Json } from '../../ui/Copy'
import { Filters } from '../../ui/Filters'
import { More } from '../../ui/More'
import { StatePill } from '../../ui/Pill'
import { Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { useNow } from '../../ui/When'
import { absolute, clock, dayName } from '../../words/time'
import { words } from '../../words/i18n'
import { channelNames, channelText, departmentNames, outcomeText, readable, sentence } from '../../words/words'
import { useTimeline, type Interaction } from '../queries'
import './people.css'
import './timeline.css'

const t = words('people')

const icons: Record<string, Icon> = { web: IconWorld, app: IconDeviceMobile, email: IconMail, phone: IconPhone, shop: IconBuildingStore, community: IconMessages, product: IconPackage, billing: IconCreditCard, push: IconApps }

const kinds = [
  { value: 'track', label: 'What they did' }, { value: 'page,screen', label: 'Pages and screens' }, { value: 'feedback,message_decided', label: 'Our messages' },
  { value: 'segment_entered,segment_left,stage_changed', label: 'Segments and stages' }, { value: 'all', label: 'Everything, also our machinery' },
]

export function Timeline({ id }: { id: string }) {
  const [get, set] = useFilters()
  const filter = { channel: get('channel'), department: get('department'), direction: get('direction'), type: get('kind'), to: get('to') }
  const timeline = useTimeline(id, filter)
  const now = useNow()
  return (
    <>
      <Filters label="Filter the timeline" active={Object.values(filter).filter(Boolean).length}>
        <Select label="What" placeholder="What matters" data={kinds} value={filter.type || null} onChange={(v) => set({ kind: v })} clearable />
        <Select label="Channel" placeholder="Any" data={channelNames.map((c) => ({ value: c, label: channelText(c) }))} value={filter.channel || null} onChange={(v) => set({ channel: v })} clearable />
        <Select label="Department" placeholder="Any" data={departmentNames.map((d) => ({ value: d, label: readable(d) }))} value={filter.department || null} onChange={(v) => set({ department: v })} clearable />
        <Select label="Direction" placeholder="Both" data={[{ value: 'inbound', label: 'From them' }, { value: 'outbound', label: 'From us' }]} value={filter.direction || null} onChange={(v) => set({ direction: v })} clearable />
        <TextInput label="Up to" type="date" value={filter.to} onChange={(e) => set({ to: e.currentTarget.value })} />
      </Filters>
      <div className="panel">
        <More query={timeline} empty={<Empty title="Nothing fits these filters">Take one away to see more of what happened.</Empty>}>
          {(rows) => byDay(rows, now).map(([day, items]) => (
            <section key={day} className="day">
              <h3>{day}</h3>
              {sessions(items).map((one, n) => (
                <div key={n}>
                  <ol>{one.shown.map((x, i) => <Entry key={x.message_id ?? `${x.at}${i}`} x={x} />)}</ol>
                  {one.folded.length > 0 && <details className="session"><summary>{t('session', { count: one.folded.length })}</summary><ol>{one.folded.map((x, i) => <Entry key={x.message_id ?? `${x.at}${i}`} x={x} />)}</ol></details>}
                </div>
              ))}
            </section>
          ))}
        </More>
      </div>
    </>
  )
}

/** Interactions by day, newest first, as they come. */
export function byDay(rows: Interaction[], now: number): [string, Interaction[]][] {
  const days: [string, Interaction[]][] = []
  for (const x of rows) {
    const day = dayName(Date.parse(x.at), now)
    const last = days[days.length - 1]
    if (last?.[0] === day) last[1].push(x)
    else days.push([day, [x]])
  }
  return days
}

const gap = 30 * 60_000
const looking = (x: Interaction) => x.type === 'page' || x.type === 'screen'

/** Visits: interactions less than half an hour apart. Of many pages in one, the first are shown and the others folded. */
export function sessions(items: Interaction[]): { shown: Interaction[]; folded: Interaction[] }[] {
  const out: { shown: Interaction[]; folded: Interaction[]; last: number; pages: number }[] = []
  for (const x of items) {
    const at = Date.parse(x.at)
    let visit = out[out.length - 1]
    if (!visit || visit.last - at > gap) out.push(visit = { shown: [], folded: [], last: at, pages: 0 })
    visit.last = at
    if (looking(x) && ++visit.pages > 3) visit.folded.push(x)
    else visit.shown.push(x)
  }
  return out
}

function Entry({ x }: { x: Interaction }) {
  const [open, setOpen] = useState(false)
  const Icon = icons[x.channel ?? ''] ?? IconPoint
  const out = x.direction === 'outbound'
  const at = Date.parse(x.at)
  const story = x.ref && (x.type === 'message_decided' || x.type === 'feedback') ? `/messages/${x.ref}` : x.type === 'run_changed' && x.source?.startsWith('journey:') ? `/journeys/${x.source.slice(8)}` : undefined
  const said = title(x)
  return (
    <li className={out ? 'entry out' : 'entry'}>
      <time dateTime={x.at} title={absolute(at)} className="num soft small">{clock(at)}</time>
      <span className="knot" aria-hidden="true"><Icon size={15} stroke={1.8} /></span>
      <div style={{ minWidth: 0 }}>
        <div className="row wrap" style={{ gap: '2px 8px' }}>
          <UnstyledButton onClick={() => setOpen(!open)} aria-expanded={open} className="entry-title">{said.title}</UnstyledButton>
          {said.state && <StatePill state={said.state} />}
          {story && <Link to={story} className="small">story</Link>}
        </div>
        {said.detail && <div className="soft small">{said.detail}</div>}
        {open && <div style={{ marginTop: 8 }}><Json label="Everything about this interaction" value={{ ...x }} /></div>}
      </div>
      <div className="entry-place soft small">
        {x.direction && (out ? <IconArrowUpRight size={13} aria-label="from us" /> : <IconArrowDownLeft size={13} aria-label="from them" />)}
        {[x.touchpoint, x.department && readable(x.department)].filter(Boolean).join(' · ')}
      </div>
    </li>
  )
}

/** What an interaction is called, in words. */
export function title(x: Interaction): { title: string; detail?: string; state?: string } {
  const p = (x.properties ?? {}) as Record<string, unknown>
  const word = (name: string) => (typeof p[name] === 'string' ? (p[name] as string) : '')
  switch (x.type) {
    case 'page': return { title: `Looked at ${x.name || 'a page'}` }
    case 'screen': return { title: `Opened ${x.name || 'a screen'}` }
    case 'identify': return { title: 'Told us about themselves', detail: Object.keys(p).length ? Object.keys(p).map(readable).join(', ') : undefined }
    case 'group': return { title: 'Joined an account' }
    case 'feedback': return { title: x.name === 'open' || x.name === 'opened' ? 'Opened our message' : x.name?.startsWith('click') ? 'Clicked in our message' : `Our message was ${outcomeText(x.name ?? '').toLowerCase()}`, detail: word('reason') || word('url') || undefined, state: ['bounced', 'complained', 'failed'].includes(x.name ?? '') ? x.name : undefined }
    case 'message_decided': return { title: `${readable(word('purpose') || 'A message')} by ${channelText(word('channel') || x.channel || 'email')}`, detail: word('text') ? sentence(word('text')) : undefined, state: x.name }
    case 'segment_entered': return { title: `Entered segment ${readable(x.name ?? '')}` }
    case 'segment_left': return { title: `Left segment ${readable(x.name ?? '')}` }
    case 'stage_changed': return { title: `Became ${readable(x.name ?? '').toLowerCase()}` }
    case 'run_changed': return { title: `Journey ${word('journey')}: ${x.name}`, detail: word('node') ? `at ${word('node')}` : undefined }
    case 'track': return { title: x.name ?? 'Something happened', detail: trackDetail(x, p) }
  }
  return { title: x.name ? `${readable(x.type)}: ${x.name}` : readable(x.type), detail: x.summary }
}

/** The few properties of an event that say most. */
function trackDetail(x: Interaction, p: Record<string, unknown>): string | undefined {
  const parts: string[] = []
  for (const key of ['name', 'title', 'text', 'order_id', 'case_id', 'purpose', 'rating']) {
    const v = p[key]
    if ((typeof v === 'string' || typeof v === 'number') && v !== '') parts.push(key === 'rating' ? `rated ${v}` : String(v))
  }
  const worth = p.revenue ?? p.value ?? p.price
  if (typeof worth === 'number') parts.push(`${worth.toFixed(2)}${typeof p.currency === 'string' ? ` ${p.currency}` : ''}`)
  if (parts.length) return parts.join(' · ')
  return x.summary && x.summary !== `${x.name} (${x.touchpoint})` && x.summary !== x.name ? x.summary : undefined
}
