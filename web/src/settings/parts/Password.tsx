import { Button, PasswordInput } from '@mantine/core'
import { useRef } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Panel } from '../../ui/Page'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'

export function Password() {
  const form = useRef<HTMLFormElement>(null)
  const act = useAct({
    quiet: true, done: 'Your password is changed. Your other sessions ended.', after: () => form.current?.reset(),
    run: (f: FormData) => must(api.PUT('/api/v1/session/password', { body: { old: String(f.get('old')), new: String(f.get('new')) } })),
  })
  return (
    <div style={{ maxWidth: 440 }}>
      <Panel title="Change your password">
        <form ref={form} className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
          {act.isError && <Trouble problem={asProblem(act.error)} />}
          <PasswordInput label="The old one" name="old" required autoComplete="current-password" />
          <PasswordInput label="The new one" name="new" required minLength={12} autoComplete="new-password" description="At least 12 characters." />
          <div><Button type="submit" loading={act.isPending}>Change it</Button></div>
        </form>
      </Panel>
    </div>
  )
}
