import { Button, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { Panel } from '../../ui/Page'
import { Pill, StatePill } from '../../ui/Pill'
import { Empty, Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { blockText, channelText } from '../../words/words'
import { personKey, useSpecNames, useTitles, type Person } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')
const ui = words('ui')

/** What they allowed and refused, with the evidence. */
export function Consents({ person }: { person: Person }) {
  const may = useMay()
  const [adding, setAdding] = useState(false)
  const titleOf = useTitles('purpose')
  const title = (purpose: string) => (purpose === '*' ? t('consent.everything') : titleOf(purpose))
  return (
    <div className="stack loose">
      <Panel flush title={t('tab.consents')} aside={may('people:write') && <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>{t('consent.do')}</Button>}>
        {person.consents.length ? (
          <DataTable caption={t('tab.consents')} rows={person.consents} rowKey={(c) => `${c.purpose}/${c.channel}`} columns={[
            { name: t('consent.purpose'), lead: true, cell: (c) => <b style={{ fontWeight: 550 }}>{title(c.purpose)}</b> },
            { name: t('channel'), cell: (c) => (c.channel ? channelText(c.channel) : t('consent.every-channel')) },
            { name: t('consent.said'), kind: 'fit', beside: true, cell: (c) => <StatePill state={c.state} /> },
            { name: t('consent.evidence'), cell: (c) => <span className="small">{[c.act, c.where, c.source && t('consent.source', { source: c.source })].filter(Boolean).join(' · ') || <span className="soft">{t('consent.no-evidence')}</span>}{c.text && <span className="soft" style={{ display: 'block' }}>“{c.text}”</span>}</span> },
            { name: t('when'), kind: 'fit', cell: (c) => <When at={c.at} /> },
          ]} />
        ) : <Empty title={t('consent.none')}>{t('consent.none-about')}</Empty>}
      </Panel>
      {person.blocked.length > 0 && (
        <Panel flush title={t('blocked')}>
          <DataTable caption={t('blocked')} rows={person.blocked} rowKey={(b) => `${b.channel}:${b.address}`} columns={[
            { name: t('channel'), lead: true, cell: (b) => channelText(b.channel) },
            { name: t('blocked.address'), cell: (b) => b.address || t('blocked.every') },
            { name: t('why'), cell: (b) => <Pill tone="bad">{blockText(b.reason)}</Pill> },
            { name: t('blocked.since'), kind: 'fit', cell: (b) => <When at={b.at} /> },
          ]} />
        </Panel>
      )}
      <ConsentForm person={person} opened={adding} onClose={() => setAdding(false)} />
    </div>
  )
}

export function ConsentForm({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const purposes = useSpecNames('purpose')
  const [purpose, setPurpose] = useState<string | null>(null)
  const [channel, setChannel] = useState<string | null>('')
  const [state, setState] = useState<string | null>('granted')
  const act = useAct({
    quiet: true, done: t('consent.recorded'), touches: [personKey(person.id)], after: onClose,
    run: (f: FormData) => must(api.POST('/api/v1/people/{id}/consents', {
      params: { path: { id: person.id } },
      body: { purpose: purpose!, channel: channel || undefined, state: state as 'granted', act: String(f.get('act')), where: String(f.get('where')) || undefined, text: String(f.get('text')) || undefined },
    })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('consent.form')}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <Select label={t('consent.purpose')} data={[...(purposes.data ?? []), { value: '*', label: t('consent.everything') }]} value={purpose} onChange={setPurpose} required data-autofocus />
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 10 }}>
          <Select label={t('channel')} data={[{ value: '', label: t('consent.every-channel') }, ...['email', 'sms', 'push', 'phone', 'inapp'].map((c) => ({ value: c, label: channelText(c) }))]} value={channel} onChange={setChannel} allowDeselect={false} />
          <Select label={t('consent.they-said')} data={[{ value: 'granted', label: t('consent.yes') }, { value: 'denied', label: t('consent.no') }, { value: 'pending', label: t('consent.pending') }]} value={state} onChange={setState} allowDeselect={false} />
        </div>
        <TextInput label={t('consent.act')} name="act" placeholder={t('consent.act-example')} required maxLength={300} />
        <TextInput label={t('where')} name="where" placeholder={t('where-example')} maxLength={300} />
        <Textarea label={t('consent.words')} name="text" maxLength={2000} autosize minRows={2} />
        <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
          <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
          <Button type="submit" disabled={!purpose} loading={act.isPending}>{t('consent.do')}</Button>
        </div>
      </form>
    </Modal>
  )
}
