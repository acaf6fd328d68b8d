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
import { channelText, readable } from '../../words/words'
import { personKey, useSpecNames, type Person } from '../queries'

/** What they allowed and refused, with the evidence. */
export function Consents({ person }: { person: Person }) {
  const may = useMay()
  const [adding, setAdding] = useState(false)
  const purposes = useSpecNames('purpose')
  const title = (purpose: string) => (purpose === '*' ? 'Everything' : purposes.data?.find((p) => p.value === purpose)?.label ?? readable(purpose))
  return (
    <div className="stack loose">
      <Panel flush title="Consents" aside={may('people:write') && <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>Record</Button>}>
        {person.consents.length ? (
          <DataTable caption="Consents" rows={person.consents} rowKey={(c) => `${c.purpose}/${c.channel}`} columns={[
            { name: 'Purpose', lead: true, cell: (c) => <b style={{ fontWeight: 550 }}>{title(c.purpose)}</b> },
            { name: 'Channel', cell: (c) => (c.channel ? channelText(c.channel) : 'Every channel') },
            { name: 'Said', kind: 'fit', beside: true, cell: (c) => <StatePill state={c.state} /> },
            { name: 'Evidence', cell: (c) => <span className="small">{[c.act, c.where, c.source && `source ${c.source}`].filter(Boolean).join(' · ') || <span className="soft">none recorded</span>}{c.text && <span className="soft" style={{ display: 'block' }}>“{c.text}”</span>}</span> },
            { name: 'When', kind: 'fit', cell: (c) => <When at={c.at} /> },
          ]} />
        ) : <Empty title="Nobody asked them yet">Without a yes, purposes that need one stay silent. Record what they say, with how and where they said it.</Empty>}
      </Panel>
      {person.blocked.length > 0 && (
        <Panel flush title="Blocked">
          <DataTable caption="Blocked" rows={person.blocked} rowKey={(b) => `${b.channel}:${b.address}`} columns={[
            { name: 'Channel', lead: true, cell: (b) => channelText(b.channel) },
            { name: 'Address', cell: (b) => b.address || 'every address' },
            { name: 'Why', cell: (b) => <Pill tone="bad">{readable(b.reason)}</Pill> },
            { name: 'Since', kind: 'fit', cell: (b) => <When at={b.at} /> },
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
    quiet: true, done: 'Recorded. It counts from now on.', touches: [personKey(person.id)], after: onClose,
    run: (f: FormData) => must(api.POST('/api/v1/people/{id}/consents', {
      params: { path: { id: person.id } },
      body: { purpose: purpose!, channel: channel || undefined, state: state as 'granted', act: String(f.get('act')), where: String(f.get('where')) || undefined, text: String(f.get('text')) || undefined },
    })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Record what they said">
      <form className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <Select label="Purpose" data={[...(purposes.data ?? []), { value: '*', label: 'Everything' }]} value={purpose} onChange={setPurpose} required data-autofocus />
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 10 }}>
          <Select label="Channel" data={[{ value: '', label: 'Every channel' }, ...['email', 'sms', 'push', 'phone', 'inapp'].map((c) => ({ value: c, label: channelText(c) }))]} value={channel} onChange={setChannel} allowDeselect={false} />
          <Select label="They said" data={[{ value: 'granted', label: 'Yes' }, { value: 'denied', label: 'No' }, { value: 'pending', label: 'Asked, to be confirmed' }]} value={state} onChange={setState} allowDeselect={false} />
        </div>
        <TextInput label="What they did" name="act" placeholder="Told me on the phone" required maxLength={300} />
        <TextInput label="Where" name="where" placeholder="Call centre" maxLength={300} />
        <Textarea label="The words they were shown or told" name="text" maxLength={2000} autosize minRows={2} />
        <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" disabled={!purpose} loading={act.isPending}>Record</Button>
        </div>
      </form>
    </Modal>
  )
}
