import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { UnstyledButton } from '@mantine/core'
import { usePerson, useTitles } from '../people/queries'
import { useSentMail } from '../mailbox/queries'
import { Json } from '../ui/Copy'
import { Page, Panel } from '../ui/Page'
import { StatePill } from '../ui/Pill'
import { Await } from '../ui/State'
import { When } from '../ui/When'
import { NodeName } from '../journeys/parts/NodeName'
import { words } from '../words/i18n'
import { channelText, classText, nameless, reasonText, sentence } from '../words/words'
import { useMessage, type Decision, type Message } from './queries'

const t = words('ledger')

/** The story of one message: who wanted it, what was decided each time, what came of it. */
export default function MessagePage() {
  const { id = '' } = useParams()
  const message = useMessage(id)
  const m = message.data?.message
  const [purpose, template] = [useTitles('purpose'), useTitles('template')]
  const title = m && (m.template ? template(m.template) : purpose(m.purpose))
  return (
    <Page title={m ? <span className="row wrap" style={{ gap: 12 }}>{title} <StatePill state={m.state} /></span> : t('message')} name={m ? t('messageOf', { what: title }) : t('message')} crumb={{ to: '/ledger', text: t('title') }}>
      <Await query={message} lines={8}>{(d) => <Story m={d.message} decisions={d.decisions} />}</Await>
    </Page>
  )
}

function Story({ m, decisions }: { m: Message; decisions: Decision[] }) {
  const person = usePerson(m.person)
  const mail = useSentMail(m)
  const [journey, purpose, template] = [useTitles('journey'), useTitles('purpose'), useTitles('template')]
  return (
    <div className="two">
      <Panel title={t('story.decided')}>
        {decisions.length ? <ol className="stack loose">{decisions.map((d) => <Step key={d.id} d={d} />)}</ol> : <p className="soft">{t('story.none')}</p>}
      </Panel>
      <Panel title={t('story.message')}>
        <dl className="kv">
          <dt>{t('to')}</dt><dd><Link to={`/people/${m.person}`}>{person.data?.name || m.address || nameless(m.person)}</Link></dd>
          {m.address && <><dt>{t('address')}</dt><dd>{m.address}</dd></>}
          <dt>{t('channel')}</dt><dd>{channelText(m.channel)}</dd>
          <dt>{t('purpose')}</dt><dd>{purpose(m.purpose)} <span className="soft">({classText(m.class)})</span></dd>
          {m.template && <><dt>{t('template')}</dt><dd><Link to={`/templates/${m.template}`}>{template(m.template)}</Link></dd></>}
          {m.journey ? <><dt>{t('journey')}</dt><dd><Link to={`/journeys/${m.journey}`}>{journey(m.journey)}</Link>{m.node && <span className="soft"> · <NodeName journey={m.journey} node={m.node} /></span>}</dd></> : m.by && <><dt>{t('askedBy')}</dt><dd>{m.by}</dd></>}
          <dt>{t('asked')}</dt><dd><When at={m.asked} long /></dd>
          {m.state === 'held' && m.due && <><dt>{t('askedAgain')}</dt><dd><When at={m.due} long /></dd></>}
          {m.sent_at && <><dt>{t('sent')}</dt><dd><When at={m.sent_at} long /></dd></>}
          {m.state === 'held' && m.expires && <><dt>{t('stale')}</dt><dd><When at={m.expires} long /></dd></>}
          {m.attempts > 0 && <><dt>{t('attempts')}</dt><dd className="num">{m.attempts}</dd></>}
          {m.detail && <><dt>{t('answer')}</dt><dd className="small">{m.detail}</dd></>}
          {mail.data && <><dt>{t('mail')}</dt><dd><Link to={`/mailbox/${mail.data.id}`}>{t('readMail')}</Link></dd></>}
        </dl>
      </Panel>
    </div>
  )
}

function Step({ d }: { d: Decision }) {
  const [open, setOpen] = useState(false)
  return (
    <li>
      <div className="row wrap" style={{ gap: '4px 10px' }}><StatePill state={d.outcome} /><b style={{ fontWeight: 550 }}>{sentence(d.text)}</b><span className="soft small" style={{ marginLeft: 'auto' }}><When at={d.at} /></span></div>
      <div className="soft small" style={{ marginTop: 4 }}>
        {reasonText(d.reason)}
        {d.rule && <> · {t('rule', { name: d.rule })}</>}
        {d.until && <> · {t('askedAgain')} <When at={d.until} /></>}
        {' · '}<UnstyledButton className="small" style={{ color: 'var(--accent)' }} aria-expanded={open} onClick={() => setOpen(!open)}>{open ? t('hideInputs') : t('showInputs')}</UnstyledButton>
        {' · '}<Link to={`/decisions/${d.id}`}>{t('today.title')}</Link>
      </div>
      {open && <div style={{ marginTop: 8 }}><Json label={t('inputs')} value={d.inputs} /></div>}
    </li>
  )
}
