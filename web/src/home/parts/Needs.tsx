import { IconArrowRight } from '@tabler/icons-react'
import { Link } from 'react-router'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { Panel } from '../../ui/Page'
import { plural } from '../../words/numbers'
import { useSome, type Overview } from '../queries'

/** What needs a person: the things that no machine puts right by itself. */
export function Needs({ overview: o }: { overview: Overview }) {
  const may = useMay()
  const reviews = useSome(['reviews', 'some'], may('people:read'), () => must(api.GET('/api/v1/reviews', { params: { query: { limit: 100 } } })))
  const letters = useSome(['dead-letters', 'some'], may('data:manage'), () => must(api.GET('/api/v1/dead-letters', { params: { query: { limit: 100 } } })))
  const many = (n: number, one: string, more?: string) => (n >= 100 ? `100 or more ${more ?? one + 's'}` : plural(n, one, more))
  const behind = o.lag.filter((l) => l.behind > 1000 || l.seconds > 60)
  const rows = [
    ...o.health.filter((h) => !h.ok).map((h) => ({ key: h.name, tone: 'bad', text: `${h.name} is not well`, note: h.detail, to: undefined })),
    ...behind.map((l) => ({ key: l.consumer, tone: 'wait', text: `${l.consumer} is ${Math.round(l.seconds)} s behind`, note: `${plural(l.behind, 'envelope')} to go`, to: undefined })),
    ...(o.open_cases ? [{ key: 'cases', tone: 'bad', text: plural(o.open_cases, 'open case'), note: 'Someone is waiting to have something put right.', to: `/people?rule=${encodeURIComponent('has open case')}` }] : []),
    ...(reviews.data?.items.length ? [{ key: 'reviews', tone: 'wait', text: many(reviews.data.items.length, 'question') + ' about who is who', note: 'Two known people share something.', to: '/data/reviews' }] : []),
    ...(letters.data?.items.length ? [{ key: 'letters', tone: 'wait', text: many(letters.data.items.length, 'event') + ' could not be taken', note: 'Look at why, then try again.', to: '/data/dead-letters' }] : []),
  ]
  return (
    <Panel title="Needs someone">
      {rows.length === 0 ? <p className="soft">Nothing right now. Everything that runs, runs well.</p> : (
        <ul className="stack">
          {rows.map((r) => (
            <li key={r.key} className="row" style={{ position: 'relative' }}>
              <span className={`dot ${r.tone}`} />
              <span className="grow"><b style={{ fontWeight: 550 }}>{r.text}</b>{r.note && <span className="soft small" style={{ display: 'block' }}>{r.note}</span>}</span>
              {r.to && <Link to={r.to} aria-label={`Look: ${r.text}`}><IconArrowRight size={16} /></Link>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
