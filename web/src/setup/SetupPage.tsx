import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { api, asProblem, must, type Problem } from '../api/client'
import { sessionKey } from '../api/session'
import { Loading, Trouble } from '../ui/State'
import { words } from '../words/i18n'
import { Gate } from './Gate'

const t = words('setup')

/** The first owner, with the one-time token that Heed printed. */
export default function SetupPage() {
  const [search] = useSearchParams()
  const go = useNavigate()
  const client = useQueryClient()
  const state = useQuery({ queryKey: ['setup'], queryFn: () => must(api.GET('/api/v1/setup')) })
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  // The token leaves the address bar at once, so that no screenshot or history keeps it.
  const [token, setToken] = useState(() => search.get('token') ?? '')
  const [given] = useState(!!token)
  useEffect(() => {
    document.title = `${t('owner.title')} · Heed`
    if (given) history.replaceState(history.state, '', '/setup')
  }, [given])

  const submit = async (form: HTMLFormElement) => {
    const data = new FormData(form)
    if (data.get('password') !== data.get('again')) {
      setProblem({ title: '', status: 422, code: 'invalid', detail: t('passwords-differ') })
      return
    }
    setBusy(true)
    setProblem(undefined)
    try {
      const me = await must(api.POST('/api/v1/setup', { body: { token: token.trim(), email: String(data.get('email')), name: String(data.get('name')), password: String(data.get('password')) } }))
      client.setQueryData(sessionKey, me)
      await go('/welcome', { replace: true })
    } catch (error) {
      setProblem(asProblem(error))
      setBusy(false)
    }
  }
  return (
    <Gate wide>
          {state.isPending ? <Loading lines={4} /> : state.data?.needed === false ? (
            <div className="stack">
              <h1>{t('owner.there')}</h1>
              <p className="soft">{t('owner.there-about')}</p>
              <div style={{ marginTop: 8 }}><Button component={Link} to="/login">{t('sign-in')}</Button></div>
            </div>
          ) : (
            <>
              <h1>{t('owner.make')}</h1>
              <p className="soft" style={{ marginTop: 6 }}>{t('owner.about')}</p>
              <form className="stack loose" style={{ marginTop: 18 }} onSubmit={(e) => { e.preventDefault(); void submit(e.currentTarget) }}>
                {problem && <Trouble problem={problem} />}
                {!given && <TextInput label={t('owner.token')} description={t('owner.token-about')} value={token} onChange={(e) => setToken(e.currentTarget.value)} required autoComplete="off" />}
                <TextInput label={t('owner.name')} name="name" autoComplete="name" required maxLength={100} autoFocus />
                <TextInput label={t('email')} name="email" type="email" autoComplete="username" required />
                <PasswordInput label={t('password')} description={t('password.about')} name="password" autoComplete="new-password" required minLength={12} />
                <PasswordInput label={t('password.again')} name="again" autoComplete="new-password" required minLength={12} />
                <Button type="submit" size="md" loading={busy} fullWidth>{t('owner.go')}</Button>
              </form>
            </>
          )}
    </Gate>
  )
}
