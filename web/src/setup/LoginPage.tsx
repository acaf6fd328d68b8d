import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Navigate, useNavigate, useSearchParams } from 'react-router'
import { api, asProblem, must, type Problem } from '../api/client'
import { sessionKey, useSession } from '../api/session'
import { Trouble } from '../ui/State'
import { words } from '../words/i18n'
import { Gate } from './Gate'

const t = words('setup')

/** An address of this console to go to after signing in; anything else is home. */
export function inside(to: string | null): string {
  return to && /^\/(?![/\\])/.test(to) ? to : '/'
}

export default function LoginPage() {
  const [search] = useSearchParams()
  const go = useNavigate()
  const client = useQueryClient()
  const session = useSession()
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => must(api.GET('/api/v1/setup')), retry: false })
  // An identity provider that has not signed in leads back here, with the reason.
  const trouble = search.get('trouble')
  const [problem, setProblem] = useState<Problem | undefined>(trouble ? { title: '', status: 401, code: 'unauthorized', detail: trouble } : undefined)
  const [busy, setBusy] = useState(false)
  useEffect(() => { document.title = `${t('sign-in')} · Heed` }, [])
  const to = inside(search.get('to'))
  if (session.data) return <Navigate to={to} replace />

  const submit = async (form: HTMLFormElement) => {
    const data = new FormData(form)
    setBusy(true)
    setProblem(undefined)
    try {
      const me = await must(api.POST('/api/v1/session', { body: { email: String(data.get('email')), password: String(data.get('password')) } }))
      client.setQueryData(sessionKey, me)
      await go(to, { replace: true })
    } catch (error) {
      setProblem(asProblem(error))
      setBusy(false)
    }
  }
  return (
    <Gate>
          <h1>{t('welcome-back')}</h1>
          <form className="stack loose" style={{ marginTop: 16 }} onSubmit={(e) => { e.preventDefault(); void submit(e.currentTarget) }}>
            {problem && <Trouble problem={problem} />}
            {setup.data?.needed && <div className="note-box">{t('nobody-yet')}</div>}
            <TextInput label={t('email')} name="email" type="email" autoComplete="username" required autoFocus />
            <PasswordInput label={t('password')} name="password" autoComplete="current-password" required />
            <Button type="submit" size="md" loading={busy} fullWidth>{t('sign-in')}</Button>
            {setup.data?.provider && <>
              <div className="or"><span>{t('or')}</span></div>
              <Button component="a" href={`/api/v1/session/oidc?to=${encodeURIComponent(to)}`} variant="default" size="md" fullWidth>{setup.data.provider}</Button>
            </>}
          </form>
    </Gate>
  )
}
