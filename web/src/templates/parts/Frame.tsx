import { useMemo } from 'react'
import { LetterFrame } from '../../ui/LetterFrame'

/** A mail as somebody reads it. */
export function Frame({ html, title, phone, dark, className }: { html: string; title: string; phone?: boolean; dark?: boolean; className?: string }) {
  const shown = useMemo(() => (dark ? darkened(html) : html), [html, dark])
  return (
    <div className={`letter-frame ${phone ? 'phone' : 'wide'} ${className ?? ''}`}>
      <LetterFrame title={title} html={shown} dark={!!dark} tabIndex={className === 'thumb' ? -1 : undefined} />
    </div>
  )
}

/** As a dark mail program shows it: by the mail's own dark styles, or turned around as most programs do when it has none. */
export function darkened(html: string): string {
  if (/prefers-color-scheme/i.test(html)) return html
  const style = '<style>html{background:#fff;filter:invert(.92) hue-rotate(180deg)}img,video{filter:invert(1) hue-rotate(180deg)}</style>'
  return /<\/head>/i.test(html) ? html.replace(/<\/head>/i, () => `${style}</head>`) : style + html
}
