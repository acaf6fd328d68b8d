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
import { money } from '../../words/numbers'
import { channelNames, channelText, departmentNames, departmentText, eventTypeText, outcomeText, readable, sentence, stageText, traitText } from '../../words/words'
import { timelineFilter, typesOf, useTimeline, type Interaction } from '../queries'
import { toDay } from '../../ledger/queries'
import { Exporting } from './Exporting'
import './people.css'
import './timeline.css'

const t = words('people')

const icons: Record<string, Icon> = { web: IconWorld, app: IconDeviceMobile, email: IconMail, phone: IconPhone, shop: IconBuildingStore, community: IconMessages, product: IconPackage, billing: IconCreditCard, push: IconApps }

const kinds = [
  { value: 'track', name: 'did' }, { value: 'page,screen', name: 'pages' }, { value: 'feedback,message_decided', name: 'ours' },
  { value: 'segment_entered,segment_left,stage_changed', name: 'stages' }, { value: 'all', name: 'all' },
]

export function Timeline({ id }: { id: string }) {
  const [get, set] = useFilters()
  const filter = timelineFilter(get)
  const timeline = useTimeline(id, filter)
  const now = useNow()
  return (
    <>
      <Filters label={t('line.filter')} active={Object.values(filter).filter(Boolean).length}>
        <Select label={t('line.what')} placeholder={t('line.matters')} data={kinds.map((k) => ({ value: k.value, label: t(`line.kind.${k.name}`) }))} value={filter.type || null} onChange={(v) => set({ kind: v })} clearable />
        <Select label={t('channel')} placeholder={t('any')} data={channelNames.map((c) => ({ value: c, label: channelText(c) }))} value={filter.channel || null} onChange={(v) => set({ channel: v })} clearable />
        <Select label={t('department')} placeholder={t('any')} data={departmentNames.map((d) => ({ value: d, label: departmentText(d) }))} value={filter.department || null} onChange={(v) => set({ department: v })} clearable />
        <Select label={t('line.direction')} placeholder={t('line.both')} data={[{ value: 'inbound', label: t('line.from-them') }, { value: 'outbound', label: t('line.from-us') }]} value={filter.direction || null} onChange={(v) => set({ direction: v })} clearable />
        <TextInput label={t('line.up-to')} type="date" value={filter.to} onChange={(e) => set({ to: e.currentTarget.value })} />
        <div className="auto"><Exporting what="timelines" asked={{ person: id, channel: filter.channel || undefined, department: filter.department || undefined, direction: (filter.direction || undefined) as 'inbound' | undefined, types: typesOf(filter.type), until: toDay(filter.to) }} /></div>
      </Filters>
      <div className="panel">
        <More query={timeline} empty={<Empty title={t('line.nothing')}>{t('line.nothing-about')}</Empty>}>
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
          {story && <Link to={story} className="small">{t('line.story')}</Link>}
        </div>
        {said.detail && <div className="soft small">{said.detail}</div>}
        {open && <div style={{ marginTop: 8 }}><Json label={t('line.whole')} value={{ ...x }} /></div>}
      </div>
      <div className="entry-place soft small">
        {x.direction && (out ? <IconArrowUpRight size={13} aria-label={t('line.from-us')} /> : <IconArrowDownLeft size={13} aria-label={t('line.from-them')} />)}
        {[x.touchpoint, x.department && departmentText(x.department)].filter(Boolean).join(' · ')}
      </div>
    </li>
  )
}

/** What an interaction is called, in words. */
export function title(x: Interaction): { title: string; detail?: string; state?: string } {
  const p = (x.properties ?? {}) as Record<string, unknown>
  const word = (name: string) => (typeof p[name] === 'string' ? (p[name] as string) : '')
  switch (x.type) {
    case 'page': return { title: x.name ? t('did.page', { what: x.name }) : t('did.a-page') }
    case 'screen': return { title: x.name ? t('did.screen', { what: x.name }) : t('did.a-screen') }
    case 'identify': return { title: t('did.identify'), detail: Object.keys(p).length ? Object.keys(p).map(traitText).join(', ') : undefined }
    case 'group': return { title: t('did.group') }
    case 'feedback': return { title: x.name === 'open' || x.name === 'opened' ? t('did.opened') : x.name?.startsWith('click') ? t('did.clicked') : t('did.message', { what: outcomeText(x.name ?? '') }), detail: word('reason') || word('url') || undefined, state: ['bounced', 'complained', 'failed'].includes(x.name ?? '') ? x.name : undefined }
    case 'message_decided': return { title: t('by', { what: word('purpose') ? readable(word('purpose')) : t('did.a-message'), channel: channelText(word('channel') || x.channel || 'email') }), detail: x.text ? sentence(x.text) : undefined, state: x.name }
    case 'segment_entered': return { title: t('did.entered', { what: readable(x.name ?? '') }) }
    case 'segment_left': return { title: t('did.left', { what: readable(x.name ?? '') }) }
    case 'stage_changed': return { title: t('did.became', { what: stageText(x.name ?? '') }) }
    case 'run_changed': return { title: t('did.run', { journey: word('journey'), what: x.name }), detail: word('node') ? t('did.at', { node: word('node') }) : undefined }
    case 'track': return { title: x.name ?? t('did.something'), detail: trackDetail(x, p) }
  }
  return { title: x.name ? `${eventTypeText(x.type)}: ${x.name}` : eventTypeText(x.type), detail: x.summary }
}

/** The few properties of an event that say most. */
function trackDetail(x: Interaction, p: Record<string, unknown>): string | undefined {
  const parts: string[] = []
  for (const key of ['name', 'title', 'text', 'order_id', 'case_id', 'purpose', 'rating']) {
    const v = p[key]
    if ((typeof v === 'string' || typeof v === 'number') && v !== '') parts.push(key === 'rating' ? t('did.rated', { n: v }) : String(v))
  }
  const worth = p.revenue ?? p.value ?? p.price
  if (typeof worth === 'number') parts.push(money(worth, typeof p.currency === 'string' ? p.currency : undefined))
  if (parts.length) return parts.join(' · ')
  return x.summary && x.summary !== `${x.name} (${x.touchpoint})` && x.summary !== x.name ? x.summary : undefined
}
