import grapesjs, { type Block, type Component, type Editor } from 'grapesjs'
import 'grapesjs/dist/css/grapes.min.css'
import german from 'grapesjs/locale/de.mjs'
import mjmlPreset from 'grapesjs-mjml'
import mjmlGerman from 'grapesjs-mjml/locale/de'
import { useEffect, useRef } from 'react'
import { language, words } from '../../words/i18n'

const t = words('templates')

/** The mail as one draws it: blocks are dragged onto it, texts are written where they stand. Gives MJML. */
export default function VisualEditor({ mjml, onChange, traits }: { mjml: string; onChange: (mjml: string) => void; traits: string[] }) {
  const host = useRef<HTMLDivElement>(null)
  const changed = useRef(onChange)
  changed.current = onChange

  useEffect(() => {
    const board = host.current!
    const editor: Editor = grapesjs.init({
      container: board, height: '720px', width: 'auto', storageManager: false, telemetry: false, noticeOnUnload: false, cssIcons: '',
      components: mjml, plugins: [mjmlPreset],
      i18n: { locale: language(), detectLocale: false, messagesAdd: { de: merged(german, mjmlGerman) } },
      // Pictures come from the web: Heed hosts none.
      assetManager: { upload: false },
      blockManager: { appendOnClick: (block: Block) => place(editor, String(block.get('content'))) },
      richTextEditor: { actions: ['bold', 'italic', 'underline', 'link', { name: 'trait', icon: traitSelect(traits), attributes: { title: t('insert') }, event: 'change', result: (rte: { insertHTML: (s: string) => void }, action: { btn: HTMLElement }) => insertTrait(rte, action) }] as never },
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    let ready = false
    const tell = () => {
      if (!ready) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        timer = undefined
        changed.current(editor.getHtml())
      }, 300)
    }
    editor.on('load', () => {
      // Nothing that one did not do is a change.
      setTimeout(() => { ready = true }, 0)
      label(board)
      redrawn.observe(board, { childList: true, subtree: true })
      editor.Panels.getButton('views', 'open-blocks')?.set('active', true)
    })
    editor.on('update', tell)
    const redrawn = new MutationObserver(() => label(board))
    board.addEventListener('keydown', press)
    // A document with a policy of its own: the console's own shows no pictures of other servers.
    editor.on('frame:render', ({ el }: { el: HTMLIFrameElement }) => { el.src = '/frame/canvas' })
    icons(editor)
    return () => {
      if (timer !== undefined) { // what was drawn last is not lost when one goes to look at it
        clearTimeout(timer)
        changed.current(editor.getHtml())
      }
      redrawn.disconnect()
      board.removeEventListener('keydown', press)
      editor.destroy()
    }
    // The editor keeps the mail from here on.
  }, [])

  return <div className="visual-editor"><div ref={host} /></div>
}

// The library's own icons come from a font on somebody else's server.
const drawn: Record<string, string> = {
  'sw-visibility': 'M4 4h16v16H4zM9 4v16M15 4v16', 'open-sm': 'M12 20l8-8-4-4-8 8v4zM5 5l4 4', 'open-tm': 'M4 8h10M18 8h2M4 16h2M10 16h10M16 6v4M8 14v4',
  'open-layers': 'M12 4l8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4', 'open-blocks': 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 14v6M14 17h6',
}

/** Draws the icons of buttons that would have shown a font's. */
function icons(editor: Editor) {
  for (const panel of editor.Panels.getPanels().models) {
    for (const button of panel.buttons.models) {
      const path = drawn[String(button.id)]
      if (path) button.set({ className: '', label: `<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"><path d="${path}"/></svg>` })
    }
  }
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

/** Puts a block that was taken by key or by tap where it may stand: after what is selected, or at the end. */
function place(editor: Editor, content: string) {
  const tag = /<(mj-[\w-]+)/.exec(content)?.[1] ?? ''
  const holder = ['mj-section', 'mj-wrapper', 'mj-hero'].includes(tag) ? 'mj-body' : tag === 'mj-column' ? 'mj-section' : 'mj-column'
  let into: Component | undefined = editor.getSelected()
  let after: Component | undefined
  while (into && into.get('type') !== holder) {
    after = into
    into = into.parent()
  }
  if (!into) after = undefined
  into ??= editor.getWrapper()?.findType(holder).at(-1)
  const [made] = into?.append(content, after && { at: after.index() + 1 }) ?? []
  if (made) editor.select(made)
}

/** The library's buttons are spans that listen to the mouse alone: the keyboard clicks them too. */
function press(e: KeyboardEvent) {
  const button = e.target as HTMLElement
  if ((e.key === 'Enter' || e.key === ' ') && button.matches('.gjs-pn-btn, .gjs-block')) {
    e.preventDefault()
    button.click()
  }
}

/** Names what the library leaves nameless and says what is a button, for keyboards and screen readers. */
function label(host: HTMLElement) {
  const give = (e: Element, attributes: Record<string, string>) => {
    for (const [name, value] of Object.entries(attributes)) if (e.getAttribute(name) !== value) e.setAttribute(name, value)
  }
  host.querySelectorAll('iframe').forEach((f) => give(f, { title: t('canvas') }))
  host.querySelectorAll('.gjs-pn-btn').forEach((b) => {
    const title = b.getAttribute('title') ?? b.getAttribute('data-tooltip')
    if (title) give(b, { role: 'button', tabindex: '0', 'aria-label': title }) // one without a name is a gap
  })
  host.querySelectorAll('.gjs-block').forEach((b) => give(b, { role: 'button', tabindex: '0' }))
  host.querySelectorAll('.gjs-pn-views-container').forEach((p) => give(p, { role: 'region', tabindex: '0', 'aria-label': t('canvas.panel') }))
}
