import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { api, asProblem, must, type Problem } from '../api/client'
import { sessionKey } from '../api/session'
import { Mark } from '../shell/Mark'
import { Loading, Trouble } from '../ui/State'

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
    document.title = 'Set up · Heed'
    if (given) history.replaceState(history.state, '', '/setup')
  }, [given])

  const submit = async (form: HTMLFormElement) => {
    const data = new FormData(form)
    if (data.get('password') !== data.get('again')) {
      setProblem({ title: '', status: 422, code: 'invalid', detail: 'The two passwords differ: type them again.' })
      return
    }
    setBusy(true)
    setProblem(undefined)
    try {
      const me = await must(api.POST('/api/v1/setup', { body: { token: token.trim(), email: String(data.get('email')), name: String(data.get('name')), password: String(data.get('password')) } }))
      client.setQueryData(sessionKey, me)
      await go('/', { replace: true })
    } catch (error) {
      setProblem(asProblem(error))
      setBusy(false)
    }
  }
  return (
    <main className="gate">
      <div className="box wide">
        <div className="word"><Mark size={38} />Heed</div>
        <div className="card">
          {state.isPending ? <Loading lines={4} /> : state.data?.needed === false ? (
            <div className="stack">
              <h1>Heed is set up</h1>
              <p className="soft">There is an owner already. Ask them for an account, or sign in with yours.</p>
              <div style={{ marginTop: 8 }}><Button component={Link} to="/login">Sign in</Button></div>
            </div>
          ) : (
            <>
              <h1>Make the owner’s account</h1>
              <p className="soft" style={{ marginTop: 6 }}>The owner may do everything here and invites the others.</p>
              <form className="stack loose" style={{ marginTop: 18 }} onSubmit={(e) => { e.preventDefault(); void submit(e.currentTarget) }}>
                {problem && <Trouble problem={problem} />}
                {!given && <TextInput label="Setup token" description="It is in the address that Heed printed when it started." value={token} onChange={(e) => setToken(e.currentTarget.value)} required autoComplete="off" />}
                <TextInput label="Your name" name="name" autoComplete="name" required maxLength={100} autoFocus />
                <TextInput label="E-mail address" name="email" type="email" autoComplete="username" required />
                <PasswordInput label="Password" description="At least 12 characters. A few words in a row do well." name="password" autoComplete="new-password" required minLength={12} />
                <PasswordInput label="The same again" name="again" autoComplete="new-password" required minLength={12} />
                <Button type="submit" size="md" loading={busy} fullWidth>Make the account and go on</Button>
              </form>
            </>
          )}
        </div>
      </div>
    </main>
  )
}
