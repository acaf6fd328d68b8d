import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Panel } from '../../ui/Page'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { channelText, sentence } from '../../words/words'
import { useSpecNames, type Person } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')

const channels = ['email', 'phone', 'sms', 'push', 'inapp']

/** "May I?": asks the gate that every message passes. Nothing is sent. */
export function Asking({ person }: { person: Person }) {
  const purposes = useSpecNames('purpose')
  const [channel, setChannel] = useState<string | null>('phone')
  const [purpose, setPurpose] = useState<string | null>(null)
  const ask = useAct({
    quiet: true,
    run: () => must(api.POST('/api/v1/decide', { body: { person: person.id, channel: channel!, purpose: purpose! } })),
  })
  const a = ask.data
  const tone = a?.may ? 'good' : a?.outcome === 'hold' ? 'wait' : 'bad'
  return (
    <Panel title={t('ask')}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); ask.mutate(undefined) }}>
        <div style={{ display: 'grid', gridTemplateColumns: '2fr 3fr', gap: 8 }}>
          <Select label={t('ask.by')} data={channels.map((c) => ({ value: c, label: channelText(c) }))} value={channel} onChange={(v) => { setChannel(v); ask.reset() }} allowDeselect={false} />
          <Select label={t('ask.about')} placeholder={t('ask.choose')} data={purposes.data ?? []} value={purpose} onChange={(v) => { setPurpose(v); ask.reset() }} allowDeselect={false} />
        </div>
        <Button type="submit" variant="light" disabled={!channel || !purpose} loading={ask.isPending}>{t('ask.go')}</Button>
        <div aria-live="polite">
          {ask.isError && <Trouble problem={asProblem(ask.error)} />}
          {a && (
            <div style={{ background: `var(--${tone}-soft)`, color: `var(--${tone})`, borderRadius: 8, padding: '10px 14px' }}>
              <b style={{ fontSize: '1rem' }}>{a.may ? t('ask.yes') : a.outcome === 'hold' ? t('ask.not-now') : t('ask.no')}</b>
              <div>{sentence(a.text)}{/[.!?]$/.test(a.text) ? '' : '.'}</div>
              {a.until && <div className="small">{t('ask.again')} <When at={a.until} long /></div>}
              {a.rule && <div className="small">{t('ask.rule', { rule: a.rule })}</div>}
            </div>
          )}
        </div>
      </form>
    </Panel>
  )
}
