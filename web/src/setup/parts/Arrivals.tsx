import { Button, UnstyledButton } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useStream } from '../../home/queries'
import { Json } from '../../ui/Copy'
import { Pill } from '../../ui/Pill'
import { words } from '../../words/i18n'
import { clock } from '../../words/time'
import './arrivals.css'

const t = words('setup')

type Arrival = Schemas['Arrival']

/** What a source sends, as it comes in: taken, or refused and why. */
export function Arrivals({ source }: { source: string }) {
  const [on, setOn] = useState(true)
  const { items, connected } = useStream<Arrival>(`/api/v1/arrivals?source=${encodeURIComponent(source)}`, on)
  return (
    <section aria-label={t('arrivals')}>
      <div className="row between" style={{ marginBottom: 8 }}>
        <h3 className="eyebrow row" style={{ gap: 8 }}><span className={on && connected ? 'dot good pulse' : 'dot'} />{t('arrivals')}</h3>
        <Button size="compact-sm" variant="subtle" color="gray" leftSection={on ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />} onClick={() => setOn(!on)}>{on ? t('arrivals.pause') : t('arrivals.go-on')}</Button>
      </div>
      <ol className="arrivals" tabIndex={0} aria-live="polite" aria-label={t('arrivals')}>
        {items.map((a) => <Row key={a.n} a={a} />)}
        {!items.length && <li className="soft">{on ? t('arrivals.waiting') : t('arrivals.paused')}</li>}
      </ol>
    </section>
  )
}

function Row({ a }: { a: Arrival }) {
  const [open, setOpen] = useState(false)
  return (
    <li>
      <div className="row" style={{ gap: 10 }}>
        <time className="soft num small" dateTime={a.at ?? undefined}>{a.at ? clock(Date.parse(a.at)) : ''}</time>
        <Pill tone={a.accepted ? 'good' : 'bad'}>{a.accepted ? t('arrivals.taken') : t('arrivals.refused')}</Pill>
        {a.accepted
          ? <UnstyledButton className="cut grow" aria-expanded={open} onClick={() => setOpen(!open)}><b style={{ fontWeight: 550 }}>{[a.type, a.name].filter(Boolean).join(' · ')}</b> <span className="soft small">{a.user_id ?? a.anonymous_id}</span></UnstyledButton>
          : <span className="grow"><b style={{ fontWeight: 550 }}>{a.field}</b> {a.reason}</span>}
      </div>
      {open && <div style={{ marginTop: 6 }}><Json value={a} label={t('arrivals.whole')} /></div>}
    </li>
  )
}
