import { Button, Progress } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import { DataTable } from '../ui/DataTable'
import { fresh } from '../ui/fresh'
import { Page } from '../ui/Page'
import { Await, Empty } from '../ui/State'
import { When } from '../ui/When'
import { words } from '../words/i18n'
import { count } from '../words/numbers'
import { channelText, readable } from '../words/words'
import { BroadcastState } from './parts/BroadcastState'
import { useBroadcasts, type Broadcast } from './queries'

const t = words('broadcasts')

export default function BroadcastsPage() {
  const may = useMay()
  const add = may('specs:write') && <Button component={Link} to={`/broadcasts/${fresh}`} leftSection={<IconPlus size={16} />}>{t('new')}</Button>
  return (
    <Page title={t('title')} lead={t('lead')} actions={add}>
      <div className="panel">
        <Await query={useBroadcasts()} lines={6}>{({ items }) => items.length ? (
          <DataTable caption={t('title')} rows={items.toSorted(latest)} rowKey={(b) => b.name} columns={[
            { name: t('broadcast'), lead: true, cell: (b) => <><Link className="cover" to={`/broadcasts/${b.name}`}>{b.title || readable(b.name)}</Link><div className="soft small">{t('to-by', { segment: readable(b.segment), channel: channelText(b.channel) })}</div></> },
            { name: t('state'), kind: 'fit', beside: true, cell: (b) => <BroadcastState b={b} /> },
            { name: t('progress'), cell: (b) => (b.audience ? <Turned b={b} /> : <span className="soft">–</span>) },
            { name: t('people'), kind: 'number', cell: (b) => (b.audience ? count(b.audience) : '–') },
            { name: t('begun'), kind: 'fit', cell: (b) => (b.begun_at ? <When at={b.begun_at} /> : b.begins ? <When at={b.begins} /> : <span className="soft">–</span>) },
            { name: t('changed'), kind: 'fit', wide: true, cell: (b) => <When at={b.started_at ?? b.made_at} /> },
          ]} />
        ) : <Empty title={t('none')} action={add}>{t('none.teach')}</Empty>}</Await>
      </div>
    </Page>
  )
}

/** What is under way first, then what was touched last. */
const latest = (a: Broadcast, b: Broadcast) => weight(b) - weight(a)
const weight = (b: Broadcast) => Date.parse(b.started_at ?? b.made_at ?? '') + (['scheduled', 'gathering', 'sending', 'stopping'].includes(b.state) ? 1e15 : 0)

export function Turned({ b }: { b: Broadcast }) {
  const share = b.audience ? (b.turned / b.audience) * 100 : 0
  return <Progress value={share} color={b.state === 'stopped' ? 'gray' : undefined} style={{ minWidth: 90 }} aria-label={t('turned', { n: count(b.turned), of: count(b.audience) })} />
}
