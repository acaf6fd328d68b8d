import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import { takeBack } from '../ui/useEdit'
import type { NavItem } from './nav'

/** Whether a key press belongs to a field that is being typed into. */
export function typing(target: EventTarget | null): boolean {
  const el = target as HTMLElement | null
  return !!el && typeof el.closest === 'function' && el.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null
}

/** Ctrl K and / find, ? helps, u takes back, g and a letter goes. */
export function useShortcuts({ find, help, items }: { find: () => void; help: () => void; items: NavItem[] }) {
  const go = useNavigate()
  const now = useRef({ find, help, items })
  now.current = { find, help, items }
  useEffect(() => {
    let going = 0
    const press = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault()
        now.current.find()
        return
      }
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return
      if (going && e.timeStamp - going < 1200) {
        going = 0
        const item = now.current.items.find((n) => n.key === e.key)
        if (item) {
          e.preventDefault()
          void go(item.to)
        }
        return
      }
      if (e.key === 'g') going = e.timeStamp
      else if (e.key === '/') {
        e.preventDefault()
        now.current.find()
      } else if (e.key === '?') now.current.help()
      else if (e.key === 'u') takeBack()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [go])
}
