import { useNavigate } from 'react-router'
import { api, must } from '../../api/client'
import { Confirm } from '../../ui/Confirm'
import { useAct } from '../../ui/useAct'
import { nameless } from '../../words/words'
import type { Person } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')

export function Erase({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const go = useNavigate()
  const act = useAct({
    done: t('erase.done'), touches: [['people', 'list']],
    run: () => must(api.DELETE('/api/v1/people/{id}', { params: { path: { id: person.id } } })),
    after: () => { onClose(); void go('/people') },
  })
  return (
    <Confirm opened={opened} onClose={onClose} title={t('erase.title', { name: person.name || nameless(person.id) })} action={t('erase.go')} danger type={t('erase.word')} busy={act.isPending} onConfirm={() => act.mutate(undefined)}>
      <p>{t('erase.about')}</p>
      <p className="soft">{t('erase.after')}</p>
    </Confirm>
  )
}
