import { Link } from 'react-router'
import { count } from '../words/numbers'

export type TabLink = { to: string; text: string; here: boolean; count?: number }

/** Tabs that are links: each has an address. */
export function TabLinks({ label, tabs }: { label: string; tabs: TabLink[] }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((t) => (
        <Link key={t.to} to={t.to} aria-current={t.here ? 'page' : undefined} preventScrollReset>
          {t.text}
          {t.count !== undefined && <span className="count">{count(t.count)}</span>}
        </Link>
      ))}
    </nav>
  )
}
