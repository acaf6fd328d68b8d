import { Button, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { channelNames, channelText, departmentNames, departmentText } from '../../words/words'
import { personKey, type Person } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')
const ui = words('ui')

type Channel = 'web' | 'app' | 'email' | 'phone' | 'shop' | 'community' | 'product' | 'billing'
type Department = 'marketing' | 'service' | 'product' | 'sales' | 'billing'

/** Notes a call, a visit, a letter: it becomes part of the memory like any event. */
export function NoteForm({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const [channel, setChannel] = useState<string | null>('phone')
  const [direction, setDirection] = useState<string | null>('inbound')
  const [department, setDepartment] = useState<string | null>(null)
  const act = useAct({
    quiet: true, done: t('note.done'), touches: [personKey(person.id)], after: onClose,
    run: (f: FormData) => must(api.POST('/api/v1/people/{id}/interactions', {
      params: { path: { id: person.id } },
      body: {
        name: String(f.get('name')), text: String(f.get('text')) || undefined, channel: channel as Channel, direction: direction as 'inbound',
        touchpoint: String(f.get('touchpoint')) || undefined, department: (department as Department | null) ?? undefined,
      },
    })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('note')}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <TextInput label={t('note.what')} name="name" placeholder={t('note.what-example')} required maxLength={200} data-autofocus />
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 10 }}>
          <Select label={t('channel')} data={channelNames.map((c) => ({ value: c, label: channelText(c) }))} value={channel} onChange={setChannel} allowDeselect={false} />
          <Select label={t('note.who')} data={[{ value: 'inbound', label: t('note.they') }, { value: 'outbound', label: t('note.we') }]} value={direction} onChange={setDirection} allowDeselect={false} />
          <TextInput label={t('where')} name="touchpoint" placeholder={t('where-example')} maxLength={200} />
          <Select label={t('department')} placeholder={t('note.mine')} data={departmentNames.map((d) => ({ value: d, label: departmentText(d) }))} value={department} onChange={setDepartment} clearable />
        </div>
        <Textarea label={t('note.said')} name="text" autosize minRows={3} maxLength={8000} />
        <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
          <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
          <Button type="submit" loading={act.isPending}>{t('note.go')}</Button>
        </div>
      </form>
    </Modal>
  )
}
