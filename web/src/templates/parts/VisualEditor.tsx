import grapesjs, { type Block, type Editor } from 'grapesjs'
import 'grapesjs/dist/css/grapes.min.css'
import german from 'grapesjs/locale/de.mjs'
import mjmlPreset from 'grapesjs-mjml'
import mjmlGerman from 'grapesjs-mjml/locale/de'
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react'
import { language, words } from '../../words/i18n'
import { place, toOutline } from './board'
import { Outline } from './Outline'

const t = words('templates')

/** What was drawn is told a moment after it was, and what is being written when that ends: who cannot wait asks. */
export type Drawing = {
  busy: () => boolean
  /** The MJML if more was drawn than has been told. */
  latest: () => Promise<string | undefined>
}

/** The mail as one draws it: blocks are dragged onto it, texts are written where they stand. Says at once that it was drawn on, and gives the MJML a moment later. */
export default function VisualEditor({ ref, mjml, onDraw, onChange, traits }: { ref: Ref<Drawing>; mjml: string; onDraw: () => void; onChange: (mjml: string) => void; traits: string[] }) {
  const host = useRef<HTMLDivElement>(null)
  const begun = useRef(onDraw)
  begun.current = onDraw
  const changed = useRef(onChange)
  changed.current = onChange
  const [drawn, setDrawn] = useState<Editor>()
  const untold = useRef<ReturnType<typeof setTimeout>>(undefined)
  const written = useRef<ReturnType<typeof setTimeout>>(undefined)
  useImperativeHandle(ref, () => ({
    busy: () => untold.current !== undefined || written.current !== undefined || !!drawn?.getEditing(),
    latest: async () => {
      const writing = drawn?.getEditing()
      if (!drawn || (!writing && untold.current === undefined)) return undefined
      await (writing?.getView() as { disableEditing?: () => Promise<void> } | undefined)?.disableEditing?.()
      return drawn.getHtml()
    },
  }), [drawn])

  useEffect(() => {
    const board = host.current!
    const editor: Editor = grapesjs.init({
      container: board, height: '720px', width: 'auto', storageManager: false, telemetry: false, noticeOnUnload: false, cssIcons: '',
      components: mjml, plugins: [mjmlPreset, picture],
      i18n: { locale: language(), detectLocale: false, messagesAdd: { de: merged(german, mjmlGerman.default) } },
      // Pictures come from the web: Heed hosts none.
      assetManager: { upload: false },
      blockManager: { appendOnClick: (block: Block) => place(editor, String(block.get('content'))) },
      richTextEditor: { actions: ['bold', 'italic', 'underline', 'link', { name: 'trait', icon: traitSelect(traits), attributes: { title: t('insert') }, event: 'change', result: (rte: { insertHTML: (s: string) => void }, action: { btn: HTMLElement }) => insertTrait(rte, action) }] as never },
    })
    let ready = false
    const tell = () => {
      if (!ready) return
      begun.current()
      clearTimeout(untold.current)
      untold.current = setTimeout(() => {
        untold.current = undefined
        changed.current(editor.getHtml())
      }, 300)
    }
    editor.on('load', () => {
      // Nothing that one did not do is a change.
      setTimeout(() => { ready = true }, 0)
      setDrawn(editor)
      editor.Canvas.getDocument()?.addEventListener('keydown', (e) => { if (e.key === 'Escape') toOutline(editor) })
      label(board)
      redrawn.observe(board, { childList: true, subtree: true })
      editor.Panels.getButton('views', 'open-blocks')?.set('active', true)
    })
    editor.on('update', tell)
    // What was written becomes a change a moment after the writing has ended.
    editor.on('rte:disable', () => {
      clearTimeout(written.current)
      written.current = setTimeout(() => { written.current = undefined }, 1000)
    })
    const redrawn = new MutationObserver(() => label(board))
    const press = (e: KeyboardEvent) => pressed(editor, e)
    board.addEventListener('keydown', press)
    // A document with a policy of its own: the console's own shows no pictures of other servers.
    editor.on('frame:render', ({ el }: { el: HTMLIFrameElement }) => { el.src = '/frame/canvas' })
    icons(editor)
    return () => {
      if (untold.current !== undefined) { // what was drawn last is not lost when one goes to look at it
        clearTimeout(untold.current)
        changed.current(editor.getHtml())
      }
      clearTimeout(written.current)
      redrawn.disconnect()
      board.removeEventListener('keydown', press)
      editor.destroy()
    }
    // The editor keeps the mail from here on.
  }, [])

  return <div className="visual-editor">{drawn && <Outline editor={drawn} />}<div ref={host} className="board" /></div>
}

// The library's own icons come from a font on somebody else's server.
const signs: Record<string, string> = {
  'sw-visibility': 'M4 4h16v16H4zM9 4v16M15 4v16', 'open-sm': 'M12 4c4 4 6 7 6 10a6 6 0 0 1-12 0c0-3 2-6 6-10z', 'open-tm': 'M4 8h10M18 8h2M4 16h2M10 16h10M16 6v4M8 14v4',
  'open-blocks': 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 14v6M14 17h6',
}

// The outline and its tools, and the page's other tabs, do these for mouse and keyboard alike.
const spare = { options: ['preview', 'fullscreen', 'export-template', 'mjml-import', 'undo', 'redo'], views: ['open-layers'] }

/** Draws the icons of buttons that would have shown a font's, and takes those away that are elsewhere. */
function icons({ Panels }: Editor) {
  for (const [panel, ids] of Object.entries(spare)) for (const id of ids) Panels.removeButton(panel, id)
  for (const panel of Panels.getPanels().models) {
    for (const button of panel.buttons.models) {
      const path = signs[String(button.id)]
      if (path) button.set({ className: '', label: `<svg viewBox="0 0 24 24" width="22" height="22" style="fill:none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"><path d="${path}"/></svg>` })
    }
  }
}

/** A picture's address is among its settings: the library's window for it takes a mouse. */
function picture({ Components }: Editor) {
  const { traits } = Components.getType('mj-image')!.model.prototype.defaults
  Components.addType('mj-image', { model: { defaults: { traits: ['src', ...traits] } } })
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

// What the library made for the mouse alone.
const buttons = '.gjs-pn-btn, .gjs-block, .gjs-sm-sector-title, .gjs-rte-action:not(:has(select)), .gjs-mdl-btn-close'

/** The library's buttons are spans that listen to the mouse alone: the keyboard clicks them too. Escape goes back to the outline. */
function pressed(editor: Editor, e: KeyboardEvent) {
  const button = e.target as HTMLElement
  if (e.key === 'Escape') return toOutline(editor)
  if ((e.key !== 'Enter' && e.key !== ' ') || !button.matches(buttons)) return
  e.preventDefault()
  button.click()
  if (button.matches('.gjs-block')) toOutline(editor)
}

/** Names what the library leaves nameless and says what is a button, for keyboards and screen readers. */
function label(host: HTMLElement) {
  const give = (e: Element, attributes: Record<string, string>) => {
    for (const [name, value] of Object.entries(attributes)) if (e.getAttribute(name) !== value) e.setAttribute(name, value)
  }
  host.querySelectorAll('iframe').forEach((f) => give(f, { title: t('canvas') }))
  host.querySelectorAll(buttons).forEach((b) => {
    const name = b.getAttribute('title') ?? b.getAttribute('data-tooltip') ?? b.textContent?.trim()
    if (name) give(b, { role: 'button', tabindex: '0', 'aria-label': name }) // one without a name is a gap
  })
  const box = '.gjs-sm-property, .gjs-trt-trait'
  host.querySelectorAll(`:is(${box}) :is(input, select, textarea)`).forEach((f) => {
    const names: string[] = []
    for (let b = f.closest(box); b; b = b.parentElement!.closest(box)) names.unshift(b.querySelector('.gjs-sm-icon, .gjs-label')?.textContent?.trim() ?? '')
    const name = names.join(' ').trim()
    if (name) give(f, { 'aria-label': f.matches('.gjs-input-unit') ? t('canvas.unit', { name }) : name })
  })
  host.querySelectorAll('.gjs-pn-views-container').forEach((p) => give(p, { role: 'region', tabindex: '0', 'aria-label': t('canvas.panel') }))
}
