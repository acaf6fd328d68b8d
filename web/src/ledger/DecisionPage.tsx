import { Link, useParams } from 'react-router'
import type { Schemas } from '../api/client'
import { PersonName } from '../people/parts/PersonName'
import { useTitles } from '../people/queries'
import { Json } from '../ui/Copy'
import { Page, Panel } from '../ui/Page'
import { StatePill } from '../ui/Pill'
import { Await } from '../ui/State'
import { When } from '../ui/When'
import { NodeName } from '../journeys/parts/NodeName'
import { words } from '../words/i18n'
import { channelText, kindText, outcomeText, reasonText, sentence } from '../words/words'
import { useDecision, useToday, type Decision } from './queries'

const t = words('ledger')

/** One decision, what it was made from, and what today's rules make of it. */
export default function DecisionPage() {
  const { id = '' } = useParams()
  const decision = useDecision(id)
  const d = decision.data
  const purpose = useTitles('purpose')
  return (
    <Page title={d ? <span className="row wrap" style={{ gap: 12 }}>{purpose(d.purpose)} <StatePill state={d.outcome} /></span> : t('decision')} name={t('decision')} crumb={{ to: '/ledger', text: t('title') }}>
      <Await query={decision} lines={6}>{(one) => (
        <div className="two">
          <div className="stack loose">
            <Panel title={t('today.title')}><Today id={one.id} /></Panel>
            <Panel title={t('inputs')}><Json label={t('inputs')} value={one.inputs} /></Panel>
          </div>
          <Panel title={t('asMade')}><AsMade d={one} /></Panel>
        </div>
      )}</Await>
    </Page>
  )
}

function AsMade({ d }: { d: Decision }) {
  const [journey, purpose] = [useTitles('journey'), useTitles('purpose')]
  return (
    <dl className="kv">
      <dt>{t('why')}</dt><dd>{sentence(d.text)}</dd>
      <dt>{t('reason')}</dt><dd>{reasonText(d.reason)}{d.rule && <span className="soft"> · {d.rule}</span>}</dd>
      <dt>{t('when')}</dt><dd><When at={d.at} long /></dd>
      {d.until && <><dt>{t('askedAgain')}</dt><dd><When at={d.until} long /></dd></>}
      <dt>{t('person')}</dt><dd><PersonName id={d.person} /></dd>
      <dt>{t('channel')}</dt><dd>{channelText(d.channel)}</dd>
      <dt>{t('purpose')}</dt><dd>{purpose(d.purpose)}</dd>
      {d.journey && <><dt>{t('journey')}</dt><dd><Link to={`/journeys/${d.journey}`}>{journey(d.journey)}</Link>{d.node && <span className="soft"> · <NodeName journey={d.journey} node={d.node} /></span>}</dd></>}
      {!d.journey && d.by && <><dt>{t('askedBy')}</dt><dd>{d.by}</dd></>}
      {d.message && <><dt>{t('message')}</dt><dd><Link to={`/messages/${d.message}`}>{t('story')}</Link></dd></>}
    </dl>
  )
}

type Again = Schemas['DecidedAgain']

/** The difference in one sentence. */
export function difference(a: Pick<Again, 'same' | 'today' | 'decision'>): string {
  if (a.same || !a.today) return t('today.same')
  const was = outcomeText(a.decision.outcome).toLowerCase()
  const now = outcomeText(a.today.outcome).toLowerCase()
  if (a.today.outcome !== a.decision.outcome) return t('today.other', { was, now, why: reasonText(a.today.reason) })
  if (a.today.reason !== a.decision.reason || a.today.rule !== a.decision.rule) return t('today.reason', { now, was: reasonText(a.decision.reason), why: reasonText(a.today.reason) })
  return t('today.moment', { now })
}

function Today({ id }: { id: string }) {
  return (
    <Await query={useToday(id)} lines={3}>{(a) => (
      <div className="stack loose">
        <p><b style={{ fontWeight: 550 }}>{difference(a)}</b></p>
        {a.today && !a.same && (
          <dl className="kv">
            <dt>{t('today.then')}</dt><dd><StatePill state={a.decision.outcome} /> {sentence(a.decision.text)}</dd>
            <dt>{t('today.now')}</dt><dd><StatePill state={a.today.outcome} /> {sentence(a.today.text)}{a.today.rule && <span className="soft"> · {a.today.rule}</span>}</dd>
          </dl>
        )}
        {a.guessed && <p className="soft small">{t('today.guessed')}</p>}
        {a.changed.length > 0
          ? <div><div className="eyebrow">{t('today.changed')}</div><ul className="stack" style={{ marginTop: 6, gap: 4 }}>{a.changed.map((c) => <li key={c.kind + c.name}>{kindText(c.kind)} <b>{c.name}</b> {c.deleted ? t('today.deleted') : t('today.version', { n: c.version })} <span className="soft small"><When at={c.at} />{c.by && ` · ${c.by}`}</span></li>)}</ul></div>
          : <p className="soft small">{t('today.unchanged')}</p>}
      </div>
    )}</Await>
  )
}
