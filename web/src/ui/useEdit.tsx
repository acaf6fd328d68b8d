import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { asProblem } from '../api/client'
import { words } from '../words/i18n'
import { perform, type Edit } from './edit'

const t = words('ui')

/** How long an edit can be taken back. The time stands still while somebody is at the offer. */
const offered = 10_000

/** What can be taken back, the latest last: the key U takes that. */
const offers: (() => void)[] = []

/** Takes back the latest edit that can be; false when there is none. */
export function takeBack(): boolean {
  const latest = offers.at(-1)
  latest?.()
  return latest !== undefined
}

/**
 * A small edit that can be taken back: the pages show it at once, and what was before, with the reason, when the server refuses.
 * A notification offers to undo it for some seconds, by mouse, by Tab, or with the key U. What cannot be taken back asks before
 * it is done instead: Confirm and useAct.
 */
export function useEdit<In = void, Out = unknown>(options: Edit<In, Out> & {
  done: string | ((input: In) => string)
  after?: (out: Out, input: In) => void
  /** True: whoever calls shows the problem; otherwise a notification does. */
  quiet?: boolean
}) {
  const client = useQueryClient()
  const [busy, setBusy] = useState(0)
  const [error, setError] = useState<unknown>(null)
  const mutate = (input: In) => {
    setBusy((n) => n + 1)
    setError(null)
    void perform(client, options, input)
      .then(({ out, undo }) => {
        options.after?.(out, input)
        const text = typeof options.done === 'function' ? options.done(input) : options.done
        if (undo) offer(text, undo)
        else notifications.show({ message: text, color: 'teal' })
      })
      .catch((problem: unknown) => (options.quiet ? setError(problem) : say(t('refused'), problem)))
      .finally(() => setBusy((n) => n - 1))
  }
  return { mutate, isPending: busy > 0, isError: error !== null, error }
}

const say = (title: string, error: unknown) => notifications.show({ title, message: asProblem(error).detail, color: 'red', autoClose: 10_000 })

let made = 0

/** Says what was done, with the way back. */
function offer(text: string, undo: () => Promise<void>) {
  const id = `undo-${++made}`
  const take = () => {
    notifications.hide(id)
    undo().then(() => notifications.show({ message: t('undone'), color: 'teal' }), (error: unknown) => say(t('not-undone'), error))
  }
  const gone = () => {
    if (offers.includes(take)) offers.splice(offers.indexOf(take), 1)
  }
  offers.push(take)
  notifications.show({ id, message: <Offer text={text} onTake={take} onEnd={() => notifications.hide(id)} />, color: 'teal', autoClose: false, onClose: gone, closeButtonProps: { 'aria-label': t('close') } })
}

function Offer({ text, onTake, onEnd }: { text: string; onTake: () => void; onEnd: () => void }) {
  const [held, setHeld] = useState(false)
  const end = useRef(onEnd)
  end.current = onEnd
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => end.current(), offered)
    return () => clearTimeout(timer)
  }, [held])
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) }
  return (
    <div className="row between" {...hold}>
      <span>{text}</span>
      <Button size="compact-sm" variant="light" onClick={onTake} aria-keyshortcuts="u" title={t('undo.key')}>{t('undo')}</Button>
    </div>
  )
}
