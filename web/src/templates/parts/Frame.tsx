import { useMemo } from 'react'

/** A mail in a frame without any permission: no scripts, no forms, no addresses of ours. */
export function Frame({ html, title, phone, dark, className }: { html: string; title: string; phone?: boolean; dark?: boolean; className?: string }) {
  const shown = useMemo(() => (dark ? darkened(html) : html), [html, dark])
  return (
    <div className={`letter-frame ${phone ? 'phone' : 'wide'} ${className ?? ''}`}>
      <iframe title={title} sandbox="" referrerPolicy="no-referrer" srcDoc={shown} style={{ colorScheme: dark ? 'dark' : 'light' }} tabIndex={className === 'thumb' ? -1 : undefined} />
    </div>
  )
}

/** As a dark mail program shows it: by the mail's own dark styles, or turned around as most programs do when it has none. */
export function darkened(html: string): string {
  if (/prefers-color-scheme/i.test(html)) return html
  const style = '<style>html{background:#fff;filter:invert(.92) hue-rotate(180deg)}img,video{filter:invert(1) hue-rotate(180deg)}</style>'
  return /<\/head>/i.test(html) ? html.replace(/<\/head>/i, () => `${style}</head>`) : style + html
}
