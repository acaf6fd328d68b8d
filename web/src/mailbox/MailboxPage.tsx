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
import { words } from '../words/i18n'

const t = words('mailbox')

export default function MailboxPage() {
  const { id } = useParams()
  const mails = useMails()
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  // Without a choice the newest is shown, and stays while newer ones arrive.
  const [opened, setOpened] = useState<string>()
  if (narrow && id) {
    return <Page title={t('mail')} crumb={{ to: '/mailbox', text: t('title') }}><div className="panel"><Reader id={id} /></div></Page>
  }
  const first = mails.data?.pages[0]?.items[0]?.id
  if (!opened && first) setOpened(first)
  const shown = id ?? opened
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className={mails.data && !first ? undefined : 'mailbox'}>
        <nav className="panel mails" aria-label={t('mails')} tabIndex={0}>
          <More query={mails} empty={<Empty title={t('none')}>{t('none-about')}</Empty>}>
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
            <span className="row between"><b className="cut">{m.subject || t('no-subject')}</b><span className="soft small"><When at={m.at} /></span></span>
            <span className="soft small cut" style={{ display: 'block' }}>{m.to.join(', ')}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
