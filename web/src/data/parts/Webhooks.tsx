import { Button, Modal } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { PersonName } from '../../people/parts/PersonName'
import { Confirm } from '../../ui/Confirm'
import { Snippet } from '../../ui/Copy'
import { DataTable } from '../../ui/DataTable'
import { More } from '../../ui/More'
import { Panel } from '../../ui/Page'
import { StatePill } from '../../ui/Pill'
import { Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { readable } from '../../words/words'
import { useDeliveries, useWebhookSpec } from '../queries'
import { Tries } from './Tries'

const t = words('data')

/** What Heed posts to other systems: where to, signed with what, and what they answered. */
export function Webhooks() {
  const may = useMay()
  const [asking, setAsking] = useState(false)
  const [secret, setSecret] = useState<string>()
  const [looking, setLooking] = useState('')
  const deliveries = useDeliveries()
  const spec = useWebhookSpec()
  const body = (spec.data?.body ?? {}) as { url?: string; secret?: string; secret_env?: string; secret_file?: string }
  const rotate = useAct({
    touches: [['specs']], after: (out) => { setAsking(false); setSecret(out.secret) },
    run: () => must(api.POST('/api/v1/webhooks/secret')),
  })
  return (
    <div className="stack loose">
      <Panel title={t('webhooks.setup')} aside={may('data:manage') && may('specs:write') && <Button size="compact-sm" variant="light" leftSection={<IconKey size={14} />} onClick={() => setAsking(true)}>{t('webhooks.rotate')}</Button>}>
        <dl className="kv">
          <dt>{t('webhooks.url')}</dt><dd>{body.url ? <code>{body.url}</code> : <span className="soft">{t('webhooks.noUrl')}</span>} {may('specs:write') && <Link to={spec.data ? '/settings/configuration?kind=channel&name=webhook' : '/settings/configuration?new=channel'} className="small">{t('webhooks.edit')}</Link>}</dd>
          <dt>{t('webhooks.secret')}</dt><dd>{body.secret || body.secret_env || body.secret_file ? t('webhooks.own') : t('webhooks.installation')}</dd>
        </dl>
        <p className="soft small" style={{ marginTop: 10 }}>{t('webhooks.about')}</p>
      </Panel>
      <Panel title={t('webhooks.deliveries')} flush>
        <More query={deliveries} empty={<Empty title={t('webhooks.none')}>{t('webhooks.teach')}</Empty>}>
          {(rows) => (
            <DataTable caption={t('webhooks.deliveries')} rows={rows} rowKey={(m) => m.id} columns={[
              { name: t('webhooks.what'), lead: true, cell: (m) => <Link className="cover" to={`/messages/${m.id}`}>{readable(m.template || m.purpose)}</Link> },
              { name: t('state'), kind: 'fit', beside: true, cell: (m) => <StatePill state={m.state} /> },
              { name: t('webhooks.answer'), cell: (m) => <span className="soft small" style={{ overflowWrap: 'anywhere' }}>{m.detail || '–'}</span> },
              { name: t('webhooks.attempts'), kind: 'number', cell: (m) => <Button className="above num" size="compact-sm" variant="subtle" onClick={() => setLooking(m.id)} aria-label={t('tries.of', { count: m.attempts, what: readable(m.template || m.purpose) })}>{count(m.attempts)}</Button> },
              { name: t('suppressed.person'), cell: (m) => <PersonName id={m.person} /> },
              { name: t('when'), kind: 'fit', cell: (m) => <When at={m.sent_at ?? m.made ?? m.asked} /> },
            ]} />
          )}
        </More>
      </Panel>
      <Tries message={deliveries.data?.pages.flatMap((p) => p.items).find((m) => m.id === looking)} onClose={() => setLooking('')} />
      <Confirm opened={asking} onClose={() => setAsking(false)} title={t('webhooks.rotateTitle')} action={t('webhooks.rotate')} danger busy={rotate.isPending} onConfirm={() => rotate.mutate(undefined)}><p>{t('webhooks.rotateText')}</p></Confirm>
      <Modal opened={!!secret} onClose={() => setSecret(undefined)} title={t('webhooks.new')}>
        <div className="stack loose"><p>{t('webhooks.once')}</p><Snippet text={secret ?? ''} label={t('webhooks.secret')} wrap /><div className="row" style={{ justifyContent: 'flex-end' }}><Button onClick={() => setSecret(undefined)}>{t('webhooks.kept')}</Button></div></div>
      </Modal>
    </div>
  )
}
