import { useMediaQuery } from '@mantine/hooks'
import { Link, useParams } from 'react-router'
import { More } from '../ui/More'
import { Page } from '../ui/Page'
import { Empty } from '../ui/State'
import { When } from '../ui/When'
import { Reader } from './parts/Reader'
import { useMails, type Mail } from './queries'
import './mailbox.css'

export default function MailboxPage() {
  const { id } = useParams()
  const mails = useMails()
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  if (narrow && id) {
    return <Page title="Mail" crumb={{ to: '/mailbox', text: 'Mailbox' }}><div className="panel"><Reader id={id} /></div></Page>
  }
  const first = mails.data?.pages[0]?.items[0]?.id
  return (
    <Page title="Mailbox" lead="What leaves through the built-in mailbox lands here instead of with a customer: read what they would read.">
      <More query={mails} empty={<div className="panel"><Empty title="No mail yet">As soon as a journey sends one, it can be read here.</Empty></div>}>
        {(rows) => (
          <div className="mailbox">
            <nav className="panel mails" aria-label="Mails"><MailList rows={rows} here={id} /></nav>
            {!narrow && <div className="panel">{id || first ? <Reader id={id ?? first!} /> : null}</div>}
          </div>
        )}
      </More>
    </Page>
  )
}

function MailList({ rows, here }: { rows: Mail[]; here?: string }) {
  return (
    <ul>
      {rows.map((m, i) => (
        <li key={m.id}>
          <Link to={`/mailbox/${m.id}`} aria-current={(here ?? (i === 0 ? m.id : '')) === m.id ? 'page' : undefined} preventScrollReset>
            <span className="row between"><b className="cut">{m.subject || '(no subject)'}</b><span className="soft small"><When at={m.at} /></span></span>
            <span className="soft small cut" style={{ display: 'block' }}>{m.to.join(', ')}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
