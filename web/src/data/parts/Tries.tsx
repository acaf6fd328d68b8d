import { Button, Modal } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { Link } from 'react-router'
import { api, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { Pill, StatePill } from '../../ui/Pill'
import { Await } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { useTries } from '../queries'

const t = words('data')

type Message = Schemas['Message']
type Try = Schemas['Try']

/** What a channel has had once can be sent again; what waits goes by itself. */
const again: readonly string[] = ['sent', 'delivered', 'failed', 'unknown']

/** Each attempt to hand a webhook over, and one more by hand. */
export function Tries({ message, onClose }: { message?: Message; onClose: () => void }) {
  return <Modal opened={!!message} onClose={onClose} title={t('tries.title')} size="lg">{message && <Shown m={message} />}</Modal>
}

function Shown({ m }: { m: Message }) {
  const may = useMay()
  const resend = useAct({ done: t('tries.asked'), touches: [['messages']], run: () => must(api.POST('/api/v1/messages/{id}/resend', { params: { path: { id: m.id } } })) })
  return (
    <div className="stack loose">
      <div className="row between wrap">
        <span className="row wrap" style={{ gap: 8 }}><StatePill state={m.state} /><code className="small" style={{ overflowWrap: 'anywhere' }}>{m.id}</code></span>
        <Link className="small" to={`/messages/${m.id}`}>{t('tries.story')}</Link>
      </div>
      <Await query={useTries(m.id)} lines={3}>{({ items }) => <List tries={items} />}</Await>
      {may('data:manage') && again.includes(m.state) && (
        <div className="row between wrap" style={{ gap: 12 }}>
          <p className="soft small grow" style={{ maxWidth: 380 }}>{t('tries.about')}</p>
          <Button leftSection={<IconSend size={16} />} loading={resend.isPending} onClick={() => resend.mutate(undefined)}>{t('tries.again')}</Button>
        </div>
      )}
    </div>
  )
}

function List({ tries }: { tries: Try[] }) {
  if (!tries.length) return <p className="soft small">{t('tries.none')}</p>
  const slowest = Math.max(...tries.map((x) => x.millis ?? 0), 1)
  return (
    <ol className="cards" aria-label={t('tries.title')} style={{ maxHeight: 380, overflow: 'auto' }} tabIndex={0}>
      {tries.map((x, i) => (
        <li key={i} style={{ paddingInline: 0 }}>
          <div className="row between wrap" style={{ gap: '4px 12px' }}>
            {x.by ? <span className="small">{t('tries.by', { who: x.by })}</span> : (
              <span className="row" style={{ gap: 10 }}>
                <Pill tone={(x.status ?? 0) >= 200 && (x.status ?? 0) < 300 ? 'good' : 'bad'}>{x.status || t('tries.silent')}</Pill>
                <span className="num small">{t('tries.took', { ms: count(Math.round((x.millis ?? 0) * 10) / 10) })}</span>
                <span aria-hidden style={{ width: 90, height: 6, background: 'var(--line)', borderRadius: 3 }}><span style={{ display: 'block', height: 6, borderRadius: 3, width: `${Math.max(4, ((x.millis ?? 0) / slowest) * 100)}%`, background: 'var(--soft)' }} /></span>
              </span>
            )}
            <span className="soft small"><When at={x.at} /></span>
          </div>
          {x.detail && <div className="soft small" style={{ overflowWrap: 'anywhere', marginTop: 2 }}>{x.detail}</div>}
        </li>
      ))}
    </ol>
  )
}
