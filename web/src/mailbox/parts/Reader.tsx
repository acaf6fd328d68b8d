import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { findPeople } from '../../people/queries'
import { LetterFrame } from '../../ui/LetterFrame'
import { Await } from '../../ui/State'
import { When } from '../../ui/When'
import { messageOf, useMail, type Mail } from '../queries'
import { words } from '../../words/i18n'

const t = words('mailbox')

export function Reader({ id }: { id: string }) {
  return <Await query={useMail(id)} lines={8}>{(m) => <Whole key={m.id} m={m} />}</Await>
}

function Whole({ m }: { m: Mail }) {
  const [view, setView] = useState(m.html ? 'wide' : 'text')
  const story = messageOf(m)
  const views = [...(m.html ? [{ value: 'wide', label: t('desktop') }, { value: 'phone', label: t('phone') }] : []), { value: 'text', label: t('text') }, { value: 'headers', label: t('headers') }]
  return (
    <article>
      <div className="mail-head stack">
        <h2>{m.subject || t('no-subject')}</h2>
        <dl className="kv small">
          <dt>{t('from')}</dt><dd>{m.from}</dd>
          <dt>{t('to')}</dt><dd>{m.to.map((to) => <Recipient key={to} address={to} />)}</dd>
          <dt>{t('when')}</dt><dd><When at={m.at} long /></dd>
        </dl>
        <div className="row between wrap">
          <SegmentedControl size="xs" value={view} onChange={setView} data={views} aria-label={t('how')} />
          {story && <Link to={`/messages/${story}`} className="small">{t('why')}</Link>}
        </div>
      </div>
      {view === 'headers' && <div style={{ padding: 16 }}><dl className="kv small">{Object.entries(m.headers ?? {}).map(([k, v]) => <div key={k} style={{ display: 'contents' }}><dt>{k}</dt><dd className="mono">{v}</dd></div>)}</dl></div>}
      {view === 'text' && <pre className="code wrap" style={{ border: 0, borderRadius: '0 0 10px 10px', minHeight: 200 }} tabIndex={0} role="region" aria-label={t('as-text')}>{m.text || t('no-text')}</pre>}
      {(view === 'wide' || view === 'phone') && (
        <div className="mail-frame"><LetterFrame title={t('the-mail', { subject: m.subject })} className={view} html={m.html ?? ''} /></div>
      )}
    </article>
  )
}

/** Who a mail went to, as the person they are. */
function Recipient({ address }: { address: string }) {
  const found = useQuery({ queryKey: ['people', 'find', address], queryFn: ({ signal }) => findPeople(address, 2, signal), staleTime: 60_000, retry: false })
  const person = found.data?.[0]
  return <span>{person ? <Link to={`/people/${person.id}`}>{person.name || address}</Link> : address}{person?.name && <span className="soft"> {address}</span>} </span>
}
