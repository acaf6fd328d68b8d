import { useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { count } from '../words/numbers'

export type TabLink = { to: string; text: string; here: boolean; count?: number }

/** Tabs that are links: each has an address. */
export function TabLinks({ label, tabs }: { label: string; tabs: TabLink[] }) {
  const row = useRef<HTMLElement>(null)
  const here = tabs.find((t) => t.here)?.to
  useEffect(() => {
    // On a phone they do not all fit. Only the row moves: the page stays where it is.
    const tab = row.current?.querySelector<HTMLElement>('[aria-current]')
    if (tab) row.current!.scrollLeft = tab.offsetLeft - row.current!.offsetLeft - (row.current!.clientWidth - tab.offsetWidth) / 2
  }, [here])
  return (
    <nav className="tabs" aria-label={label} ref={row}>
      {tabs.map((t) => (
        <Link key={t.to} to={t.to} aria-current={t.here ? 'page' : undefined} preventScrollReset>
          {t.text}
          {t.count !== undefined && <span className="count">{count(t.count)}</span>}
        </Link>
      ))}
    </nav>
  )
}
