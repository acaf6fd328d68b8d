import { Button, PasswordInput } from '@mantine/core'
import { useRef } from 'react'
import { api, asProblem, must } from '../../api/client'
import { Panel } from '../../ui/Page'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'

const t = words('settings')

export function Password() {
  const form = useRef<HTMLFormElement>(null)
  const act = useAct({
    quiet: true, done: t('password.done'), after: () => form.current?.reset(),
    run: (f: FormData) => must(api.PUT('/api/v1/session/password', { body: { old: String(f.get('old')), new: String(f.get('new')) } })),
  })
  return (
    <div style={{ maxWidth: 440 }}>
      <Panel title={t('password')}>
        <form ref={form} className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
          {act.isError && <Trouble problem={asProblem(act.error)} />}
          <PasswordInput label={t('password.old')} name="old" required autoComplete="current-password" />
          <PasswordInput label={t('password.new')} name="new" required minLength={12} autoComplete="new-password" description={t('password.about')} />
          <div><Button type="submit" loading={act.isPending}>{t('password.change')}</Button></div>
        </form>
      </Panel>
    </div>
  )
}
