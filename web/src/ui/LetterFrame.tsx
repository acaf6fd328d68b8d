import { useEffect, useRef } from 'react'

/**
 * A mail in a document of its own: an origin that is nobody's, no scripts of the mail, no forms, no links; of other servers
 * pictures only, which the console itself may not load. The server says so (web/frames.go), and here the sandbox.
 */
export function LetterFrame({ html, ...frame }: { html: string; title: string; className?: string; dark?: boolean; tabIndex?: number }) {
  const { dark, ...rest } = frame
  const ref = useRef<HTMLIFrameElement>(null)
  const there = useRef(false)
  const show = () => ref.current?.contentWindow?.postMessage(html, '*') // the frame's origin has no name
  useEffect(() => {
    if (there.current) show()
  }, [html])
  return <iframe {...rest} ref={ref} src="/frame/letter" sandbox="allow-scripts" referrerPolicy="no-referrer" style={dark === undefined ? undefined : { colorScheme: dark ? 'dark' : 'light' }} onLoad={() => { there.current = true; show() }} />
}
