import grapesjs, { type Editor } from 'grapesjs'
import 'grapesjs/dist/css/grapes.min.css'
import german from 'grapesjs/locale/de.mjs'
import mjmlPreset from 'grapesjs-mjml'
import mjmlGerman from 'grapesjs-mjml/locale/de'
import { useEffect, useRef } from 'react'
import { language, words } from '../../words/i18n'

const t = words('templates')

/** The mail as one draws it: blocks are dragged onto it, texts are written where they stand. Gives MJML and its HTML. */
export default function VisualEditor({ mjml, onChange, traits }: { mjml: string; onChange: (mjml: string, html: string) => void; traits: string[] }) {
  const host = useRef<HTMLDivElement>(null)
  const changed = useRef(onChange)
  changed.current = onChange

  useEffect(() => {
    const editor: Editor = grapesjs.init({
      container: host.current!, height: '720px', width: 'auto', storageManager: false, telemetry: false, noticeOnUnload: false, cssIcons: '',
      components: mjml, plugins: [mjmlPreset],
      i18n: { locale: language(), detectLocale: false, messagesAdd: { de: merged(german, mjmlGerman) } },
      // Pictures come from the web: Heed hosts none.
      assetManager: { upload: false },
      richTextEditor: { actions: ['bold', 'italic', 'underline', 'link', { name: 'trait', icon: traitSelect(traits), attributes: { title: t('insert') }, event: 'change', result: (rte: { insertHTML: (s: string) => void }, action: { btn: HTMLElement }) => insertTrait(rte, action) }] as never },
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    let ready = false
    const tell = () => {
      if (!ready) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        const source = editor.getHtml()
        const { html } = editor.runCommand('mjml-code-to-html') as { html: string }
        changed.current(source, html)
      }, 300)
    }
    editor.on('load', () => {
      // Nothing that one did not do is a change.
      setTimeout(() => { ready = true }, 0)
      label(host.current!)
      editor.Panels.getButton('views', 'open-blocks')?.set('active', true)
    })
    editor.on('update', tell)
    return () => {
      clearTimeout(timer)
      editor.destroy()
    }
    // The editor keeps the mail from here on.
  }, [])

  return <div className="visual-editor"><div ref={host} /></div>
}

const traitSelect = (traits: string[]) => `<select class="gjs-field" aria-label="${t('insert')}"><option value="">{{ }}</option>${[...traits.map((x) => `person.${x}`), 'brand.title', 'unsubscribe_url', 'preferences_url']
  .map((x) => `<option value="${x.replace(/[^\w.-]/g, '')}">${x.replace(/[^\w.-]/g, '')}</option>`).join('')}</select>`

function insertTrait(rte: { insertHTML: (s: string) => void }, action: { btn: HTMLElement }) {
  const select = action.btn.querySelector('select')
  if (!select?.value) return
  rte.insertHTML(`{{ ${select.value} }}`)
  select.value = ''
}

function merged(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const out = { ...a }
  for (const [k, v] of Object.entries(b)) out[k] = v && typeof v === 'object' && out[k] && typeof out[k] === 'object' ? merged(out[k] as Record<string, unknown>, v as Record<string, unknown>) : v
  return out
}

/** Names what the library leaves nameless, for screen readers. */
function label(host: HTMLElement) {
  host.querySelector('iframe')?.setAttribute('title', t('canvas'))
  host.querySelectorAll('.gjs-pn-btn').forEach((b) => {
    const title = b.getAttribute('title') ?? b.getAttribute('data-tooltip')
    if (title) b.setAttribute('aria-label', title)
  })
}
