import { Tooltip } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { absolute, relative } from '../words/time'

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
export function When({ at, none = 'never', long }: { at?: string | null; none?: string; long?: boolean }) {
  const clock = useNow()
  if (!at) return <span className="soft">{none}</span>
  const t = Date.parse(at)
  return (
    <Tooltip label={absolute(t)}>
      <time dateTime={at} className="nowrap num above">{relative(t, Math.max(clock, t > clock && t - clock < 20_000 ? t : clock), 'en', long ? 'long' : 'short')}</time>
    </Tooltip>
  )
}
