import { useNavigate } from 'react-router'
import { api, must } from '../../api/client'
import { Confirm } from '../../ui/Confirm'
import { useAct } from '../../ui/useAct'
import { nameless } from '../../words/words'
import type { Person } from '../queries'

export function Erase({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const go = useNavigate()
  const act = useAct({
    done: 'This person was forgotten.', touches: [['people', 'list']],
    run: () => must(api.DELETE('/api/v1/people/{id}', { params: { path: { id: person.id } } })),
    after: () => { onClose(); void go('/people') },
  })
  return (
    <Confirm opened={opened} onClose={onClose} title={`Erase ${person.name || nameless(person.id)}?`} action="Erase for good" danger type="erase" busy={act.isPending} onConfirm={() => act.mutate(undefined)}>
      <p>Everything that is held about this person is deleted: memory, history, messages, decisions. It cannot be undone.</p>
      <p className="soft">If they come back, they are somebody new. The audit log keeps that an erasure happened, not who it was.</p>
    </Confirm>
  )
}
