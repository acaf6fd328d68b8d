import { Button } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { Panel } from '../../ui/Page'
import { clock } from '../../words/time'
import { channelText, departmentText } from '../../words/words'
import { useStream, type Happening } from '../queries'
import './live.css'
import { words } from '../../words/i18n'

const t = words('home')

/** What happens right now, over all touchpoints. */
export function LiveFeed() {
  const [on, setOn] = useState(true)
  const { items: happenings, connected } = useStream<Happening>('/api/v1/live', on)
  return (
    <Panel flush title={<span className="row" style={{ gap: 8 }}><span className={on && connected ? 'dot good pulse' : 'dot'} />{t('live')}</span>}
      aside={<Button size="compact-sm" variant="subtle" color="gray" leftSection={on ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />} onClick={() => setOn(!on)}>{on ? t('pause') : t('go-on')}</Button>}>
      <ol className="live" tabIndex={0} aria-label={t('right-now')}>
        {happenings.map((h) => <Row key={h.n} h={h} />)}
        {!happenings.length && <li className="soft" style={{ display: 'block' }}>{on ? t('waiting') : t('paused')}</li>}
      </ol>
    </Panel>
  )
}

function Row({ h }: { h: Happening }) {
  const text = say(h)
  const place = h.touchpoint || (h.channel ? channelText(h.channel) : '')
  return (
    <li className={h.kind === 'rejected' ? 'refused' : undefined}>
      <time className="soft num small" dateTime={h.at ?? undefined}>{h.at ? clock(Date.parse(h.at)) : ''}</time>
      <span className="cut">{h.person ? <Link to={`/people/${h.person}`}>{text}</Link> : text}</span>
      <span className="soft small cut" title={h.department && departmentText(h.department)}>{place}</span>
    </li>
  )
}

/** A happening in words. */
export function say(h: Happening): string {
  if (h.kind === 'rejected') return t('refused', { source: h.name, why: h.text })
  const text = h.text ?? h.name ?? h.kind
  if (text.startsWith('track ')) return text.slice(6)
  if (text.startsWith('page ')) return text.slice(5) ? t('looked-at', { what: text.slice(5) }) : t('looked')
  if (text.startsWith('screen ')) return text.slice(7) ? t('opened-what', { what: text.slice(7) }) : t('opened')
  if (text.trim() === 'identify') return t('told')
  return text
}
