import { useEffect, type ReactNode } from 'react'
import { Link } from 'react-router'

/** A page's frame: title, what it is for, what can be done. */
export function Page({ title, name, lead, crumb, actions, children }: {
  title: ReactNode
  /** For the document's title, when `title` is no text. */
  name?: string
  lead?: ReactNode
  crumb?: { to: string; text: string }
  actions?: ReactNode
  children: ReactNode
}) {
  const text = name ?? (typeof title === 'string' ? title : '')
  useEffect(() => {
    document.title = text ? `${text} · Heed` : 'Heed'
  }, [text])
  return (
    <div className="page">
      <div className="page-head">
        <div style={{ minWidth: 0 }}>
          {crumb && <div className="crumb"><Link to={crumb.to}>← {crumb.text}</Link></div>}
          <h1>{title}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="row wrap">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** A surface with a heading. */
export function Panel({ title, aside, flush, children, id }: { title?: ReactNode; aside?: ReactNode; flush?: boolean; children: ReactNode; id?: string }) {
  return (
    <section className="panel" id={id}>
      {title && <header><h2>{title}</h2>{aside}</header>}
      <div className={flush ? 'body flush' : 'body'}>{children}</div>
    </section>
  )
}

/** A strip of numbers. */
export function Figures({ items }: { items: { label: string; value: ReactNode; note?: ReactNode }[] }) {
  return (
    <dl className="figures">
      {items.map((f) => (
        <div key={f.label}>
          <dt>{f.label}</dt>
          <dd>{f.value}</dd>
          {f.note && <dd className="note">{f.note}</dd>}
        </div>
      ))}
    </dl>
  )
}
