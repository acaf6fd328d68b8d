import { Button, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { channelNames, channelText, departmentNames, readable } from '../../words/words'
import { personKey, type Person } from '../queries'

type Channel = 'web' | 'app' | 'email' | 'phone' | 'shop' | 'community' | 'product' | 'billing'
type Department = 'marketing' | 'service' | 'product' | 'sales' | 'billing'

/** Notes a call, a visit, a letter: it becomes part of the memory like any event. */
export function NoteForm({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const [channel, setChannel] = useState<string | null>('phone')
  const [direction, setDirection] = useState<string | null>('inbound')
  const [department, setDepartment] = useState<string | null>(null)
  const act = useAct({
    quiet: true, done: 'Noted.', touches: [personKey(person.id)], after: onClose,
    run: (f: FormData) => must(api.POST('/api/v1/people/{id}/interactions', {
      params: { path: { id: person.id } },
      body: {
        name: String(f.get('name')), text: String(f.get('text')) || undefined, channel: channel as Channel, direction: direction as 'inbound',
        touchpoint: String(f.get('touchpoint')) || undefined, department: (department as Department | null) ?? undefined,
      },
    })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Note a contact">
      <form className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <TextInput label="What happened" name="name" placeholder="Call about a late parcel" required maxLength={200} data-autofocus />
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 10 }}>
          <Select label="Channel" data={channelNames.map((c) => ({ value: c, label: channelText(c) }))} value={channel} onChange={setChannel} allowDeselect={false} />
          <Select label="Who spoke" data={[{ value: 'inbound', label: 'They came to us' }, { value: 'outbound', label: 'We went to them' }]} value={direction} onChange={setDirection} allowDeselect={false} />
          <TextInput label="Where" name="touchpoint" placeholder="Call centre" maxLength={200} />
          <Select label="Department" placeholder="Mine" data={departmentNames.map((d) => ({ value: d, label: readable(d) }))} value={department} onChange={setDepartment} clearable />
        </div>
        <Textarea label="What was said" name="text" autosize minRows={3} maxLength={8000} />
        <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={act.isPending}>Note it</Button>
        </div>
      </form>
    </Modal>
  )
}
