import { IconBan, IconCheck, IconHandStop } from '@tabler/icons-react'
import type { Schemas } from '../../api/client'
import { useBrand } from '../../shell/Shell'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { count, money } from '../../words/numbers'
import { Rich } from '../../words/Rich'
import { channelText, sentence, traitText } from '../../words/words'
import { useBrief, useTitles } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')

type Brief = Schemas['Brief']

/** The person on one page, for whoever meets them next: read in ten seconds. */
export function BriefPanel({ id }: { id: string }) {
  const brief = useBrief(id)
  return (
    <Panel title={t('brief')}>
      <Await query={brief} lines={3}>{(b) => <Body b={b} />}</Await>
    </Panel>
  )
}

function Body({ b }: { b: Brief }) {
  const brand = useBrand()
  const title = useTitles('purpose')
  return (
    <div className="stack loose">
      <p style={{ fontFamily: 'var(--serif)', fontSize: '1.1875rem', lineHeight: 1.4, maxWidth: '72ch' }}>{b.headline}</p>
      {(b.do.length > 0 || b.avoid.length > 0) && (
        <div className="half" style={{ gap: 12 }}>
          {b.do.length > 0 && <Points tone="good" title={t('brief.do')} icon={<IconCheck size={15} />} points={b.do} />}
          {b.avoid.length > 0 && <Points tone="bad" title={t('brief.avoid')} icon={<IconHandStop size={15} />} points={b.avoid} />}
        </div>
      )}
      <div className="half" style={{ gap: '16px 28px' }}>
        <dl className="kv">
          {b.local_time && <><dt>{t('brief.clock')}</dt><dd>{b.local_time}{b.zone && <span className="soft"> · {b.zone}</span>}</dd></>}
          {b.locale && <><dt>{t('brief.language')}</dt><dd>{b.locale}</dd></>}
          <dt>{t('column.orders')}</dt>
          <dd className="num">{b.orders.count ? t('brief.orders', { n: count(b.orders.count), sum: money(b.orders.revenue, brand.data?.currency) }) : t('brief.no-orders')}
            {b.rfm && b.orders.count > 0 && <span className="soft"> · {b.rfm.recency_days < 1 ? t('brief.last-today') : t('brief.last', { count: Math.max(1, Math.round(b.rfm.recency_days)) })}</span>}</dd>
          {b.facts.filter((f) => !known.includes(f.name)).map((f) => <div key={f.name} style={{ display: 'contents' }}><dt>{traitText(f.name)}</dt><dd>{shown(f.value)}</dd></div>)}
        </dl>
        {b.reach.length > 0 && (
          <div>
            <div className="eyebrow" style={{ marginBottom: 6 }}>{t('brief.may')}</div>
            <ul className="stack" style={{ gap: 5 }}>
              {b.reach.map((r) => (
                <li key={`${r.channel}/${r.purpose}`} className="row top" style={{ gap: 8 }}>
                  <span style={{ color: r.may ? 'var(--good)' : 'var(--bad)', flex: 'none', lineHeight: 0, marginTop: 3 }}>{r.may ? <IconCheck size={15} aria-label={t('yes')} /> : <IconBan size={15} aria-label={t('no')} />}</span>
                  <span><Rich folder="people" of="brief.by" parts={{ b: <b style={{ fontWeight: 550 }} /> }} values={{ what: title(r.purpose), channel: channelText(r.channel) }} />{!r.may && <span className="soft"> – {within(r.why)}</span>}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </div>
  )
}

function Points({ tone, title, icon, points }: { tone: 'good' | 'bad'; title: string; icon: React.ReactNode; points: string[] }) {
  return (
    <div style={{ background: `var(--${tone}-soft)`, color: `var(--${tone})`, borderRadius: 8, padding: '10px 14px' }}>
      <div className="row" style={{ gap: 6, fontWeight: 600, fontSize: '0.8125rem' }}>{icon}{title}</div>
      <ul style={{ marginTop: 4 }}>{points.map((p) => <li key={p}>{p}</li>)}</ul>
    </div>
  )
}

/** A reason in the middle of a sentence. */
function within(why: string): string {
  const text = sentence(why)
  return (text.charAt(0).toLowerCase() + text.slice(1)).replace(/^until/, 'not until')
}

/** What the brief says elsewhere already. */
const known = ['name', 'first_name', 'last_name', 'firstName', 'lastName', 'zone', 'timezone', 'locale']

/** A trait's value for reading. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return value ? t('yes') : t('no')
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : String(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
