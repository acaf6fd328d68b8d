import { Button, Modal, TextInput } from '@mantine/core'
import { api, asProblem, must } from '../../api/client'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'

const t = words('journeys')
const ui = words('ui')

/** Puts one person into a journey by hand: for a trial, or because somebody asked for it. */
export function EnterForm({ journey, opened, onClose }: { journey: string; opened: boolean; onClose: () => void }) {
  const act = useAct({
    quiet: true, done: t('enter.done'), touches: [['journeys']], after: onClose,
    run: (who: string) => {
      const person = /^[0-9a-f-]{36}$/i.test(who) ? who : undefined
      return must(api.POST('/api/v1/journeys/{name}/enter', { params: { path: { name: journey } }, body: person ? { person } : { identifier: who.includes(':') ? who : `email:${who}` } }))
    },
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('enter')}>
      <form className="stack loose" onSubmit={(e) => { e.preventDefault(); act.mutate(String(new FormData(e.currentTarget).get('who')).trim()) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <TextInput label={t('enter.who')} name="who" required data-autofocus placeholder="ann@example.com, user_id:u-17" description={t('enter.about')} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
          <Button type="submit" loading={act.isPending}>{t('enter.go')}</Button>
        </div>
      </form>
    </Modal>
  )
}
