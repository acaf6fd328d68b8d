import { useEffect, useState } from 'react'

/** False until it is drawn: a dialog that begins open would not know where the focus was, and could not give it back. */
export function useOpened(opened: boolean): boolean {
  const [drawn, setDrawn] = useState(false)
  useEffect(() => setDrawn(true), [])
  return drawn && opened
}
