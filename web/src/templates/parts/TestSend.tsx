import { Button, Modal, TextInput } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { useSession } from '../../api/session'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { useFilters } from '../../ui/useParams'
import { words } from '../../words/i18n'
import type { Body } from '../queries'

const t = words('templates')

/** Sends the draft to one address, to look at it where it will be read. */
export function TestSend({ name, body }: { name: string; body: Body }) {
  const session = useSession().data
  const own = session?.via === 'user' ? session.name : ''
  const [get] = useFilters()
  const [open, setOpen] = useState(false)
  const [to, setTo] = useState('')
  const send = useAct({
    quiet: true, done: t('test.done', { to: to || own }), after: () => setOpen(false),
    run: () => must(api.POST('/api/v1/templates/test', { body: { name: name || 'draft', body, to: to || own, person: get('person') || undefined } })),
  })
  return (
    <>
      <Button variant="default" leftSection={<IconSend size={16} />} onClick={() => setOpen(true)}>{t('test')}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('test.title')}>
        <form className="stack loose" onSubmit={(e) => { e.preventDefault(); send.mutate(undefined) }}>
          <TextInput label={t('test.to')} description={t('test.what')} type="email" required value={to || own} onChange={(e) => setTo(e.currentTarget.value)} data-autofocus />
          {send.isError && <Trouble problem={asProblem(send.error)} />}
          <div className="row" style={{ justifyContent: 'flex-end' }}><Button type="submit" loading={send.isPending}>{t('test.send')}</Button></div>
        </form>
      </Modal>
    </>
  )
}
