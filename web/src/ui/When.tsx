import { Tooltip } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { words } from '../words/i18n'
import { absolute, relative } from '../words/time'

const t = words('words')

// One clock for the whole console: all relative times move together, every 15 seconds.
let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    listeners.forEach((l) => l())
  }, 15_000)
  return () => {
    listeners.delete(listener)
    if (!listeners.size) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** A moment: relative for reading, absolute on hover and for machines. */
export function When({ at, none = t('never'), long }: { at?: string | null; none?: string; long?: boolean }) {
  const clock = useNow()
  if (!at) return <span className="soft">{none}</span>
  const moment = Date.parse(at)
  return (
    <Tooltip label={absolute(moment)}>
      <time dateTime={at} className="nowrap num above">{relative(moment, Math.max(clock, moment > clock && moment - clock < 20_000 ? moment : clock), undefined, long ? 'long' : 'short')}</time>
    </Tooltip>
  )
}
