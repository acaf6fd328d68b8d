import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { Snippet } from '../../ui/Copy'
import { Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import type { Tone } from '../../words/words'
import { useDeliverability } from '../queries'

const t = words('data')

const tones: Record<Schemas['MailRecord']['state'], Tone> = { ok: 'good', weak: 'wait', missing: 'bad', wrong: 'bad', unknown: 'mute' }

/** Whether receivers believe the brand's mails, and what to publish so that they do. */
export function Deliverability() {
  const q = useDeliverability()
  return (
    <Await query={q} lines={8}>{(d) => (!d.domain
      ? <div className="panel"><Empty title={t('mail.noSender')} action={<Button component={Link} to="/settings/configuration?kind=brand" variant="default">{t('mail.setSender')}</Button>}>{t('mail.noSenderText')}</Empty></div>
      : (
        <div className="stack loose">
          <div className="row between wrap">
            <dl className="kv grow" style={{ minWidth: 'min(100%, 320px)' }}>
              <dt>{t('mail.from')}</dt><dd>{d.from}</dd>
              <dt>{t('mail.relay')}</dt><dd>{d.relay ? <code>{d.relay}</code> : t('mail.mailbox')}</dd>
              <dt>{t('mail.looked')}</dt><dd><When at={d.at} /></dd>
            </dl>
            <Button variant="default" leftSection={<IconRefresh size={16} />} loading={q.isFetching} onClick={() => void q.refetch()}>{t('mail.again')}</Button>
          </div>
          {d.example && <div className="note-box">{t('mail.example', { domain: d.domain })}</div>}
          {d.records.map((r) => <Record key={r.what + r.name} r={r} />)}
        </div>
      ))}</Await>
  )
}

function Record({ r }: { r: Schemas['MailRecord'] }) {
  return (
    <Panel title={`${r.what.toUpperCase()} · ${t(`mail.what.${r.what}`)}`} aside={<Pill tone={tones[r.state]}>{t(`mail.state.${r.state}`)}</Pill>}>
      <div className="stack">
        <p>{r.text}</p>
        <dl className="kv">
          <dt>{t('mail.name')}</dt><dd><code style={{ overflowWrap: 'anywhere' }}>{r.name}</code> <span className="soft">{r.type}</span></dd>
          {r.found.length > 0 && <><dt>{t('mail.found')}</dt><dd>{r.found.map((f) => <code key={f} style={{ display: 'block', overflowWrap: 'anywhere' }}>{f}</code>)}</dd></>}
        </dl>
        {r.publish && <div><div className="eyebrow" style={{ marginBottom: 6 }}>{t('mail.publish')}</div><Snippet text={r.publish} label={t('mail.publishOf', { what: r.what.toUpperCase() })} wrap /></div>}
      </div>
    </Panel>
  )
}
