import { IconArrowRight } from '@tabler/icons-react'
import { Link } from 'react-router'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { Panel } from '../../ui/Page'
import { percent } from '../../words/numbers'
import { rising, useSome, type Overview } from '../queries'
import { words } from '../../words/i18n'
import { useNow } from '../../ui/When'
import { relative } from '../../words/time'
import { partText, reasonText } from '../../words/words'

const t = words('home')

/** What needs a person: the things that no machine puts right by itself. */
export function Needs({ overview: o }: { overview: Overview }) {
  const may = useMay()
  const now = useNow()
  const reviews = useSome(['reviews', 'some'], may('people:read'), () => must(api.GET('/api/v1/reviews', { params: { query: { limit: 100 } } })))
  const letters = useSome(['dead-letters', 'some'], may('data:manage'), () => must(api.GET('/api/v1/dead-letters', { params: { query: { limit: 100 } } })))
  const journeys = useSome(['journeys'], may('specs:read'), () => must(api.GET('/api/v1/journeys')))
  const stopped = (journeys.data?.items ?? []).filter((j) => j.paused && j.active > 0)
  const titles = new Map((journeys.data?.items ?? []).map((j) => [j.name, j.title || j.name]))
  const bad = (['bounced', 'complained'] as const).flatMap((what) => { const r = rising(o, what); return r ? [{ what, ...r }] : [] })
  const behind = o.lag.filter((l) => l.behind > 1000 || l.seconds > 60)
  const rows = [
    ...o.health.filter((h) => !h.ok).map((h) => ({ key: h.name, tone: 'bad', text: t('need.unwell', { name: partText(h.name) }), note: h.detail, to: undefined })),
    ...behind.map((l) => ({ key: l.consumer, tone: 'wait', text: t('need.behind', { name: l.consumer, seconds: Math.round(l.seconds) }), note: t('need.to-go', { count: l.behind }), to: undefined })),
    ...bad.map((b) => ({ key: b.what, tone: 'bad', text: t(`need.${b.what}`, { share: percent(b.share) }), note: t('need.rising-about', { before: percent(b.before) }), to: may('people:read') ? '/ledger?show=messages' : undefined })),
    ...stopped.map((j) => ({ key: `journey ${j.name}`, tone: 'wait', text: t('need.stuck', { name: j.title || j.name }), note: t('need.stuck-about', { count: j.active }), to: `/journeys/${j.name}` })),
    ...o.stuck.map((s) => ({ key: `${s.what} ${s.journey}`, tone: s.what === 'dropped' ? 'wait' : 'bad', ...stuckText(s, titles.get(s.journey) ?? s.journey, may('people:read'), now) })),
    ...(o.open_cases ? [{ key: 'cases', tone: 'bad', text: t('need.cases', { count: o.open_cases }), note: t('need.cases-about'), to: `/people?rule=${encodeURIComponent('has open case')}` }] : []),
    ...(reviews.data?.items.length ? [{ key: 'reviews', tone: 'wait', text: reviews.data.items.length >= 100 ? t('need.reviews-many') : t('need.reviews', { count: reviews.data.items.length }), note: t('need.reviews-about'), to: '/data/reviews' }] : []),
    ...(letters.data?.items.length ? [{ key: 'letters', tone: 'wait', text: letters.data.items.length >= 100 ? t('need.letters-many') : t('need.letters', { count: letters.data.items.length }), note: t('need.letters-about'), to: '/data/dead-letters' }] : []),
  ]
  return (
    <Panel title={t('needs')}>
      {rows.length === 0 ? <p className="soft">{t('needs-nothing')}</p> : (
        <ul className="stack">
          {rows.map((r) => (
            <li key={r.key} className="row" style={{ position: 'relative' }}>
              <span className={`dot ${r.tone}`} />
              <span className="grow"><b style={{ fontWeight: 550 }}>{r.text}</b>{r.note && <span className="soft small" style={{ display: 'block' }}>{r.note}</span>}</span>
              {r.to && <Link to={r.to} aria-label={t('look-at', { what: r.text })}><IconArrowRight size={16} /></Link>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** What is the matter with a journey, what to do about it, and where. */
function stuckText(s: Overview['stuck'][number], name: string, mayLook: boolean, now: number) {
  const journey = encodeURIComponent(s.journey)
  switch (s.what) {
    case 'overdue':
      return { text: t('need.overdue', { name }), note: t('need.overdue-about', { count: s.count, time: s.since ? relative(Date.parse(s.since), now) : '' }), to: `/journeys/${journey}` }
    case 'failed':
      return { text: t('need.failed', { name }), note: t('need.failed-about', { count: s.count }), to: mayLook ? `/ledger?show=messages&journey=${journey}&state=failed` : `/journeys/${journey}` }
    default:
      return { text: t('need.dropped', { name }), note: t('need.dropped-about', { count: s.count, why: s.reason ? reasonText(s.reason) : '' }), to: mayLook ? `/ledger?journey=${journey}&outcome=drop` : `/journeys/${journey}` }
  }
}
