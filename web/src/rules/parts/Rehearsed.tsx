import { Link } from 'react-router'
import { Loader } from '@mantine/core'
import { asProblem } from '../../api/client'
import { useMay } from '../../api/session'
import { PersonName } from '../../people/parts/PersonName'
import { Figures, Panel } from '../../ui/Page'
import { StatePill } from '../../ui/Pill'
import { Trouble } from '../../ui/State'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import { readable, reasonText, sentence } from '../../words/words'
import { useRehearsal, type Draft, type Rehearsal } from '../queries'
import { TopicsRehearsed } from './TopicsRehearsed'

const t = words('rules')

/** What a draft would have done to the last 30 days, kept up as it is written. */
export function Rehearsed({ draft, fresh, short }: { draft: Draft | null; fresh: boolean; short?: boolean }) {
  const may = useMay()
  const h = useRehearsal(may('people:read') ? draft : null)
  if (!may('people:read')) return short ? null : <Panel title={t('rehearsal')}><p className="soft">{t('rehearsal.mayNot')}</p></Panel>
  const busy = h.isFetching || !fresh
  const content = !draft
    ? <p className="soft">{t('rehearsal.begin')}</p>
    : h.isError && !h.isFetching
      ? <Trouble problem={asProblem(h.error)} />
      : h.data ? <div style={{ opacity: busy ? 0.55 : 1, transition: 'opacity 120ms' }} aria-busy={busy}><Result h={h.data} short={short} /></div> : <p className="soft" role="status">{t('rehearsal.working')}</p>
  if (short) return content
  return <Panel title={t('rehearsal')} aside={draft && busy ? <Loader size="xs" aria-label={t('rehearsal.working')} /> : undefined}>{content}</Panel>
}

/** How many decisions had an outcome, before and after. */
export function outcomes(h: Pick<Rehearsal, 'lines'>) {
  const sum = (outcome: string, when: 'before' | 'after') => h.lines.filter((l) => l.outcome === outcome).reduce((n, l) => n + l[when], 0)
  return (['send', 'hold', 'drop'] as const).map((outcome) => ({ outcome, before: sum(outcome, 'before'), after: sum(outcome, 'after') }))
}

export const signed = (n: number) => (n > 0 ? `+${count(n)}` : n < 0 ? `−${count(-n)}` : '±0')

function Result({ h, short }: { h: Rehearsal; short?: boolean }) {
  const topics = !short && h.topics.length > 0 && <TopicsRehearsed topics={h.topics} />
  if (!h.decisions) return <div className="stack loose">{topics}<p className="soft">{t('rehearsal.nothing')}</p></div>
  const differs = h.lines.filter((l) => l.before !== l.after)
  return (
    <div className="stack loose">
      {topics}
      <p>{h.changed === 0 ? t('rehearsal.same', { count: h.decisions }) : t('rehearsal.changed', { count: h.changed, all: count(h.decisions) })}</p>
      <Figures items={outcomes(h).map((o) => ({ label: t(`outcome.${o.outcome}`), value: count(o.after), note: t('rehearsal.was', { before: count(o.before), change: signed(o.after - o.before) }) }))} />
      {!short && differs.length > 0 && (
        <table className="table">
          <caption className="sr">{t('rehearsal.byReason')}</caption>
          <thead><tr><th scope="col">{t('rehearsal.byReason')}</th><th scope="col" className="right">{t('rehearsal.before')}</th><th scope="col" className="right">{t('rehearsal.after')}</th></tr></thead>
          <tbody>{differs.map((l) => (
            <tr key={l.outcome + l.reason + (l.rule ?? '')}>
              <td><span className="row wrap" style={{ gap: '2px 8px' }}><StatePill state={l.outcome} /> {reasonText(l.reason)}{l.rule && <span className="soft small">{l.rule}</span>}</span></td>
              <td className="right">{count(l.before)}</td>
              <td className="right"><b>{count(l.after)}</b></td>
            </tr>
          ))}</tbody>
        </table>
      )}
      {!short && h.examples.length > 0 && <Examples h={h} />}
      <Honesty h={h} />
    </div>
  )
}

/** What the numbers rest on. */
function Honesty({ h }: { h: Rehearsal }) {
  return (
    <div className="stack soft small" style={{ gap: 4 }}>
      <p>{t('rehearsal.how')}</p>
      {h.rate < 1 && <p>{t('rehearsal.sampled', { share: percent(h.rate), people: count(h.people), total: count(h.total) })}</p>}
      {h.guessed > 0 && <p>{t('rehearsal.guessed', { count: h.guessed })}</p>}
      {h.silent > 0 && <p>{t('rehearsal.silent', { count: h.silent })}</p>}
      {h.blind.length > 0 && <p>{t('rehearsal.blind', { what: h.blind.join(', ') })}</p>}
    </div>
  )
}

function Examples({ h }: { h: Rehearsal }) {
  return (
    <section>
      <h3 className="eyebrow">{t('rehearsal.examples')}</h3>
      <ul className="cards">
        {h.examples.slice(0, 12).map((e) => (
          <li key={e.decision.id} style={{ paddingInline: 0 }}>
            <div className="row between wrap" style={{ gap: '2px 10px' }}><PersonName id={e.decision.person} /><span className="soft small"><When at={e.decision.at} /></span></div>
            <div className="soft small">{readable(e.decision.purpose)}{e.decision.message && <> · <Link to={`/messages/${e.decision.message}`}>{t('rehearsal.message')}</Link></>}</div>
            <div className="row wrap" style={{ gap: '2px 8px' }}>
              {e.before ? <StatePill state={e.before.outcome} /> : <span className="soft small">{t('rehearsal.notAsked')}</span>}
              <span aria-label={t('rehearsal.becomes')} role="img">→</span>
              {e.after ? <><StatePill state={e.after.outcome} /><span className="small">{sentence(e.after.text)}</span></> : <span className="soft small">{t('rehearsal.notAsked')}</span>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
