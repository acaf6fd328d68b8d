import { Button, TextInput } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { Link } from 'react-router'
import { api, asProblem, must } from '../../api/client'
import { useSession } from '../../api/session'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'
import { Rich } from '../../words/Rich'
import type { Brand } from '../brand'
import { useBrandEdit } from '../useBrandEdit'

const t = words('setup')

/** Who mails come from, tried with one mail. */
export function SenderStep({ brand, onDone, onBack, onTake }: { brand: Brand | null; onDone: () => void; onBack: () => void; onTake: () => void }) {
  const { data: me } = useSession()
  const form = useRef<HTMLFormElement>(null)
  const [name, setName] = useState(brand?.body.sender?.name ?? brand?.body.title ?? '')
  const [email, setEmail] = useState(brand?.body.sender?.email ?? '')
  const edit = useBrandEdit(brand, { sender: { ...brand?.body.sender, name: name.trim(), email: email.trim() } }, onDone, onTake)
  const test = useAct({
    quiet: true, touches: [['mails']],
    run: async (to: string) => {
      try {
        await edit.keep()
      } catch {
        return // it is said already
      }
      return must(api.POST('/api/v1/mails/test', { body: { to } }))
    },
  })
  return (
    <form ref={form} className="stack loose" onSubmit={(e) => { e.preventDefault(); if (!edit.blocked) edit.go() }}>
      {edit.notice}
      {test.isError && <Trouble problem={asProblem(test.error)} />}
      <div className="pair-fields">
        <TextInput label={t('sender.name')} description={t('sender.name-about')} value={name} onChange={(e) => setName(e.currentTarget.value)} required maxLength={100} />
        <TextInput label={t('sender.email')} description={t('sender.email-about')} type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} required maxLength={254} />
      </div>
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        <TextInput className="grow" label={t('sender.to')} name="to" type="email" defaultValue={me?.name} maxLength={254} />
        <Button variant="default" leftSection={<IconSend size={16} />} loading={test.isPending} disabled={edit.blocked} onClick={() => form.current!.reportValidity() && test.mutate(String(new FormData(form.current!).get('to')))}>{t('sender.test')}</Button>
      </div>
      <div role="status">
        {test.data && <div className="note-box">{test.data.mailbox
          ? <Rich folder="setup" of="sender.in-mailbox" parts={{ mailbox: <Link to="/mailbox" target="_blank" /> }} />
          : t('sender.sent', { from: test.data.from, server: test.data.server })}</div>}
      </div>
      <div className="row between"><Button variant="subtle" color="gray" onClick={onBack}>{t('back')}</Button><Button type="submit" loading={edit.busy} disabled={edit.blocked}>{t('go-on')}</Button></div>
    </form>
  )
}
