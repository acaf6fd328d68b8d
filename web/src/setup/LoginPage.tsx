import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Navigate, useNavigate, useSearchParams } from 'react-router'
import { api, asProblem, must, type Problem } from '../api/client'
import { sessionKey, useSession } from '../api/session'
import { Mark } from '../shell/Mark'
import { Trouble } from '../ui/State'

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
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  useEffect(() => { document.title = 'Sign in · Heed' }, [])
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
    <main className="gate">
      <div className="box">
        <div className="word"><Mark size={38} />Heed</div>
        <div className="card">
          <h1>Welcome back</h1>
          <form className="stack loose" style={{ marginTop: 16 }} onSubmit={(e) => { e.preventDefault(); void submit(e.currentTarget) }}>
            {problem && <Trouble problem={problem} />}
            {setup.data?.needed && <div className="note-box">Nobody can sign in yet. Open the address that Heed printed when it started: it makes the first owner.</div>}
            <TextInput label="E-mail address" name="email" type="email" autoComplete="username" required autoFocus />
            <PasswordInput label="Password" name="password" autoComplete="current-password" required />
            <Button type="submit" size="md" loading={busy} fullWidth>Sign in</Button>
          </form>
        </div>
      </div>
    </main>
  )
}
