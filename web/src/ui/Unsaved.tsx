import { useEffect } from 'react'
import { useBlocker } from 'react-router'
import { words } from '../words/i18n'
import { Confirm } from './Confirm'

const t = words('ui')

/**
 * Asks before somebody leaves a page with what is not saved: by a link, a shortcut, the back button, or by closing the tab.
 * What replaces the page's place in the history, as saving something new does, is not leaving. `by` are parameters of the address
 * that say what is being edited, where the path alone does not.
 */
export function Unsaved({ when, by = [] }: { when: boolean; by?: string[] }) {
  const blocker = useBlocker(({ currentLocation: here, nextLocation: there, historyAction }) => when && historyAction !== 'REPLACE'
    && (here.pathname !== there.pathname || by.some((name) => new URLSearchParams(here.search).get(name) !== new URLSearchParams(there.search).get(name))))
  useEffect(() => {
    if (!when) return
    const ask = (e: BeforeUnloadEvent) => e.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [when])
  return <Discard opened={blocker.state === 'blocked'} onClose={() => blocker.reset?.()} onDiscard={() => blocker.proceed?.()} />
}

/** The question itself, for an editor that closes without leaving the page. */
export function Discard({ opened, onClose, onDiscard }: { opened: boolean; onClose: () => void; onDiscard: () => void }) {
  return (
    <Confirm opened={opened} onClose={onClose} title={t('unsaved')} action={t('unsaved.leave')} danger onConfirm={onDiscard}>
      <p>{t('unsaved.about')}</p>
    </Confirm>
  )
}
