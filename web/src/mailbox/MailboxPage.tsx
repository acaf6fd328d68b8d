import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
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
  // Without a choice the newest is shown, and stays while newer ones arrive.
  const [opened, setOpened] = useState<string>()
  if (!opened && first) setOpened(first)
  const shown = id ?? opened
  return (
    <Page title="Mailbox" lead="What leaves through the built-in mailbox lands here instead of with a customer: read what they would read.">
      <div className={mails.data && !first ? undefined : 'mailbox'}>
        <nav className="panel mails" aria-label="Mails" tabIndex={0}>
          <More query={mails} empty={<Empty title="No mail yet">As soon as a journey sends one, it can be read here.</Empty>}>
            {(rows) => <MailList rows={rows} here={shown} />}
          </More>
        </nav>
        {!narrow && shown && <div className="panel"><Reader id={shown} /></div>}
      </div>
    </Page>
  )
}

function MailList({ rows, here }: { rows: Mail[]; here?: string }) {
  return (
    <ul>
      {rows.map((m) => (
        <li key={m.id}>
          <Link to={`/mailbox/${m.id}`} aria-current={here === m.id ? 'page' : undefined} preventScrollReset>
            <span className="row between"><b className="cut">{m.subject || '(no subject)'}</b><span className="soft small"><When at={m.at} /></span></span>
            <span className="soft small cut" style={{ display: 'block' }}>{m.to.join(', ')}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
