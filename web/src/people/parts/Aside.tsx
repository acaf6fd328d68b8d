import { Link } from 'react-router'
import { Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { When } from '../../ui/When'
import { channelText, readable, reasonText } from '../../words/words'
import type { Person } from '../queries'

/** What is open, promised, held, and where they belong. */
export function Aside({ person: p }: { person: Person }) {
  const open = p.cases.filter((c) => !c.closed)
  return (
    <>
      {(open.length > 0 || p.promises.length > 0) && (
        <Panel title="Open">
          <ul className="stack">
            {open.map((c) => <li key={c.id}><Pill tone="bad">Case</Pill> <b>{c.title || c.id}</b> <span className="soft small">opened <When at={c.opened} /></span></li>)}
            {p.promises.map((x) => <li key={x.id}><Pill tone="wait">Promise</Pill> {x.text} <span className="soft small">{x.due ? <>due <When at={x.due} /></> : <>made <When at={x.made} /></>}{x.by && ` by ${x.by}`}</span></li>)}
          </ul>
        </Panel>
      )}
      {p.held.length > 0 && (
        <Panel title="Held for a better moment">
          <ul className="stack">
            {p.held.map((m) => (
              <li key={m.message}>
                <Link to={`/messages/${m.message}`}>{readable(m.purpose)} by {channelText(m.channel)}</Link>
                <div className="soft small">{reasonText(m.reason ?? m.rule ?? '')} · asked again <When at={m.until} /></div>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title="Segments">
        {p.segments.length
          ? <ul className="stack" style={{ gap: 6 }}>{p.segments.map((s) => <li key={s.segment} className="row between"><Link to={`/segments/${s.segment}`} className="cut">{readable(s.segment)}</Link><span className="soft small">since <When at={s.since} /></span></li>)}</ul>
          : <p className="soft">In none right now.</p>}
      </Panel>
      {p.stage_path.length > 0 && (
        <Panel title="Lifecycle">
          <ol className="stack" style={{ gap: 6 }}>
            {[...p.stage_path, ...(p.stage ? [{ stage: p.stage, since: p.stage_since ?? p.last_seen }] : [])].reverse().map((s, i) => (
              <li key={i} className="row between"><span style={{ fontWeight: i === 0 ? 600 : 400 }}>{readable(s.stage)}</span><span className="soft small"><When at={s.since} /></span></li>
            ))}
          </ol>
        </Panel>
      )}
      {p.moments.length > 0 && (
        <Panel title="Moments">
          <ul className="stack" style={{ gap: 6 }}>
            {p.moments.slice(0, 8).map((m, i) => <li key={i} className="row between"><span className="row" style={{ gap: 7 }}><span className={m.good ? 'dot good' : 'dot bad'} /><span className="sr">{m.good ? 'good:' : 'bad:'}</span>{m.name}</span><span className="soft small"><When at={m.at} /></span></li>)}
          </ul>
        </Panel>
      )}
    </>
  )
}
