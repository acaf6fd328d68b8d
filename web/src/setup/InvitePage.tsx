import { Button, PasswordInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, asProblem, must, type Problem } from '../api/client'
import { sessionKey } from '../api/session'
import { Trouble } from '../ui/State'
import { words } from '../words/i18n'
import { Gate } from './Gate'

const t = words('setup')

/** Somebody who was invited sets their password, and is in. */
export default function InvitePage() {
  const go = useNavigate()
  const client = useQueryClient()
  // Behind the #, so that no server's log has it; it leaves the address bar at once, so that no history keeps it.
  const [token] = useState(() => location.hash.slice(1))
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = `${t('invite.title')} · Heed`
    history.replaceState(history.state, '', '/invite')
  }, [])
  const submit = async (form: HTMLFormElement) => {
    const data = new FormData(form)
    if (data.get('password') !== data.get('again')) {
      setProblem({ title: '', status: 422, code: 'invalid', detail: t('passwords-differ') })
      return
    }
    setBusy(true)
    setProblem(undefined)
    try {
      client.setQueryData(sessionKey, await must(api.POST('/api/v1/invite', { body: { token, password: String(data.get('password')) } })))
      await go('/', { replace: true })
    } catch (error) {
      setProblem(asProblem(error))
      setBusy(false)
    }
  }
  return (
    <Gate>
      <h1>{t('invite.welcome')}</h1>
      <p className="soft" style={{ marginTop: 6 }}>{t('invite.about')}</p>
      <form className="stack loose" style={{ marginTop: 16 }} onSubmit={(e) => { e.preventDefault(); void submit(e.currentTarget) }}>
        {problem && <Trouble problem={problem} />}
        {!token && <div className="note-box">{t('invite.no-token')}</div>}
        <PasswordInput label={t('password')} description={t('password.about')} name="password" autoComplete="new-password" required minLength={12} autoFocus />
        <PasswordInput label={t('password.again')} name="again" autoComplete="new-password" required minLength={12} />
        <Button type="submit" size="md" loading={busy} fullWidth disabled={!token}>{t('invite.go')}</Button>
      </form>
    </Gate>
  )
}
