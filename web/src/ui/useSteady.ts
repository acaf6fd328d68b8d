import { useRef } from 'react'

/** Something as it was when somebody began to change it: what others save meanwhile must not take the draft away. `of` names it. */
export function useSteady<T>(of: string, value: T, held: boolean): T {
  const last = useRef({ of, value })
  if (!held || last.current.of !== of || last.current.value === undefined) last.current = { of, value }
  return last.current.value
}
