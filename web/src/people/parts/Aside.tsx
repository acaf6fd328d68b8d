import { Link } from 'react-router'
import { Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { channelText, readable, reasonText, stageText } from '../../words/words'
import { useTitles, type Person } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')

/** What is open, promised, held, and where they belong. */
export function Aside({ person: p }: { person: Person }) {
  const open = p.cases.filter((c) => !c.closed)
  const purpose = useTitles('purpose')
  return (
    <>
      {(open.length > 0 || p.promises.length > 0) && (
        <Panel title={t('aside.open')}>
          <ul className="stack">
            {open.map((c) => <li key={c.id}><Pill tone="bad">{t('aside.case')}</Pill> <b>{c.title || c.id}</b> <span className="soft small">{t('aside.opened')} <When at={c.opened} /></span></li>)}
            {p.promises.map((x) => <li key={x.id}><Pill tone="wait">{t('aside.promise')}</Pill> {x.text} <span className="soft small">{x.due ? <>{t('aside.due')} <When at={x.due} /></> : <>{t('aside.made')} <When at={x.made} /></>}{x.by && ` · ${x.by}`}</span></li>)}
          </ul>
        </Panel>
      )}
      {p.held.length > 0 && (
        <Panel title={t('aside.held')}>
          <ul className="stack">
            {p.held.map((m) => (
              <li key={m.message}>
                <Link to={`/messages/${m.message}`}>{t('by', { what: purpose(m.purpose), channel: channelText(m.channel) })}</Link>
                <div className="soft small">{reasonText(m.reason ?? m.rule ?? '')} · {t('aside.again')} <When at={m.until} /></div>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title={t('column.segments')}>
        {p.segments.length
          ? <ul className="stack" style={{ gap: 6 }}>{p.segments.map((s) => <li key={s.segment} className="row between"><Link to={`/segments/${s.segment}`} className="cut">{readable(s.segment)}</Link><span className="soft small"><When at={s.since} /></span></li>)}</ul>
          : <p className="soft">{t('aside.no-segment')}</p>}
      </Panel>
      {p.stage_path.length > 0 && (
        <Panel title={t('aside.lifecycle')}>
          <ol className="stack" style={{ gap: 6 }}>
            {[...p.stage_path, ...(p.stage ? [{ stage: p.stage, since: p.stage_since ?? p.last_seen }] : [])].reverse().map((s, i) => (
              <li key={i} className="row between"><span style={{ fontWeight: i === 0 ? 600 : 400 }}>{stageText(s.stage)}</span><span className="soft small"><When at={s.since} /></span></li>
            ))}
          </ol>
        </Panel>
      )}
      {p.moments.length > 0 && (
        <Panel title={t('aside.moments')}>
          <ul className="stack" style={{ gap: 6 }}>
            {p.moments.slice(0, 8).map((m, i) => <li key={i} className="row between"><span className="row" style={{ gap: 7 }}><span className={m.good ? 'dot good' : 'dot bad'} /><span className="sr">{m.good ? t('aside.good') : t('aside.bad')}</span>{m.name}</span><span className="soft small"><When at={m.at} /></span></li>)}
          </ul>
        </Panel>
      )}
    </>
  )
}
