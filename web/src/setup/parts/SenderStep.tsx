import { Button, TextInput } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useRef } from 'react'
import { Link } from 'react-router'
import { api, asProblem, must } from '../../api/client'
import { useSession } from '../../api/session'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'
import { Rich } from '../../words/Rich'
import { saveBrand, type Brand } from '../brand'

const t = words('setup')

/** Who mails come from, tried with one mail. */
export function SenderStep({ brand, onDone, onBack }: { brand: Brand | null; onDone: () => void; onBack: () => void }) {
  const { data: me } = useSession()
  const form = useRef<HTMLFormElement>(null)
  const keep = () => {
    const f = new FormData(form.current!)
    return saveBrand(brand, { sender: { ...brand?.body.sender, name: String(f.get('name')).trim(), email: String(f.get('email')).trim() } })
  }
  const save = useAct({ quiet: true, touches: [['specs']], after: onDone, run: keep })
  const test = useAct({
    quiet: true, touches: [['specs'], ['mails']],
    run: async (to: string) => {
      await keep()
      return must(api.POST('/api/v1/mails/test', { body: { to } }))
    },
  })
  const problem = save.error ?? test.error
  return (
    <form ref={form} className="stack loose" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined) }}>
      {problem && <Trouble problem={asProblem(problem)} />}
      <div className="pair-fields">
        <TextInput label={t('sender.name')} description={t('sender.name-about')} name="name" defaultValue={brand?.body.sender?.name ?? brand?.body.title} required maxLength={100} />
        <TextInput label={t('sender.email')} description={t('sender.email-about')} name="email" type="email" defaultValue={brand?.body.sender?.email} required maxLength={254} />
      </div>
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        <TextInput className="grow" label={t('sender.to')} name="to" type="email" defaultValue={me?.name} maxLength={254} />
        <Button variant="default" leftSection={<IconSend size={16} />} loading={test.isPending} onClick={() => form.current!.reportValidity() && test.mutate(String(new FormData(form.current!).get('to')))}>{t('sender.test')}</Button>
      </div>
      <div role="status">
        {test.data && <div className="note-box">{test.data.mailbox
          ? <Rich folder="setup" of="sender.in-mailbox" parts={{ mailbox: <Link to="/mailbox" target="_blank" /> }} />
          : t('sender.sent', { from: test.data.from, server: test.data.server })}</div>}
      </div>
      <div className="row between"><Button variant="subtle" color="gray" onClick={onBack}>{t('back')}</Button><Button type="submit" loading={save.isPending}>{t('go-on')}</Button></div>
    </form>
  )
}
