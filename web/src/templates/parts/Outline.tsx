import { ActionIcon, VisuallyHidden } from '@mantine/core'
import { IconArrowBackUp, IconArrowDown, IconArrowForwardUp, IconArrowUp, IconColumnInsertLeft, IconColumnInsertRight, IconCopy, IconPencil, IconPlus, IconTrash, type Icon } from '@tabler/icons-react'
import type { Component, Editor } from 'grapesjs'
import { useEffect, useLayoutEffect, useReducer, useRef, useState, type KeyboardEvent } from 'react'
import { words } from '../../words/i18n'
import { Colours } from './Colours'
import { bodyOf, choose, duplicate, move, outline, placeThat, remove, selectedPart, standing, toOutline, within, type Way } from './board'

const t = words('templates')

type Tool = { icon: Icon; keys: string; can: boolean; run: () => void }

/** The parts of the mail as a tree, and all that the mouse does with them on the board, for keys and buttons. */
export function Outline({ editor }: { editor: Editor }) {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const [said, say] = useState('')
  const tree = useRef<HTMLUListElement>(null)
  const leads = useRef(false)
  useEffect(() => {
    const changes = 'component:add component:remove component:selected component:deselected update'
    const added = (made: Component) => sayWhere('added', made)
    editor.on(changes, redraw)
    const lead = () => { leads.current = true; redraw() }
    editor.on('heed:placed', added)
    editor.on('heed:outline', lead)
    return () => { editor.off(changes, redraw); editor.off('heed:placed', added); editor.off('heed:outline', lead) }
  }, [editor])
  // Together with what is drawn: the focus was perhaps on a part that is gone, and the next key may be there already.
  useLayoutEffect(() => {
    if (!leads.current) return
    leads.current = false
    tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  })

  const body = bodyOf(editor)
  const rows = body ? outline(body) : []
  const part = selectedPart(editor)
  const at = Math.max(0, rows.findIndex((r) => r.part === part))

  const sayWhere = (what: 'added' | 'moved', p: Component) => {
    const { where, ...more } = standing(p)
    say(t(`board.${what}`, { ...more, where: where || t('board.mail') }))
  }
  const shift = (way: Way, icon: Icon, keys: string): Tool => {
    const to = part && placeThat(editor, part, way)
    return { icon, keys, can: !!to, run: () => { move(editor, part!, to!); sayWhere('moved', part!) } }
  }
  const change = (on: boolean) => !!part && part !== body && on
  const tools: Record<string, Tool> = {
    add: { icon: IconPlus, keys: 'Insert', can: true, run: () => open('open-blocks', '.gjs-block') },
    write: { icon: IconPencil, keys: 'F2', can: !!part?.get('editable'), run: () => part!.trigger('active') },
    up: shift('up', IconArrowUp, 'Alt+ArrowUp'),
    down: shift('down', IconArrowDown, 'Alt+ArrowDown'),
    before: shift('before', IconColumnInsertLeft, 'Alt+ArrowLeft'),
    after: shift('after', IconColumnInsertRight, 'Alt+ArrowRight'),
    copy: { icon: IconCopy, keys: 'Control+D', can: change(!!part?.get('copyable')), run: () => { duplicate(editor, part!); sayWhere('added', selectedPart(editor)!) } },
    remove: { icon: IconTrash, keys: 'Delete', can: change(!!part?.get('removable')), run: () => { remove(editor, part!); say(t('board.removed', { part: part!.getName() })) } },
    undo: { icon: IconArrowBackUp, keys: 'Control+Z', can: editor.UndoManager.hasUndo(), run: () => { editor.UndoManager.undo(); say(t('board.undone')) } },
    redo: { icon: IconArrowForwardUp, keys: 'Control+Shift+Z', can: editor.UndoManager.hasRedo(), run: () => { editor.UndoManager.redo(); say(t('board.redone')) } },
  }
  /** Shows one of the board's panels, and goes there. */
  const open = (panel: string, first: string) => {
    editor.Panels.getButton('views', panel)?.set('active', true)
    setTimeout(() => editor.getContainer()?.querySelector<HTMLElement>(first)?.focus())
  }
  // Where it leads and what it says when it cannot be seen comes before how it looks.
  const settings = () => open(part?.getTraits().some((x) => !['id', 'title'].includes(x.getName())) ? 'open-tm' : 'open-sm', '.gjs-pn-views-container')

  const press = (e: KeyboardEvent) => {
    const keys = [e.altKey && 'Alt', (e.ctrlKey || e.metaKey) && 'Control', e.shiftKey && 'Shift', e.key.length === 1 ? e.key.toUpperCase() : e.key].filter(Boolean).join('+')
    const walks: Record<string, Component | undefined> = {
      ArrowUp: rows[at - 1]?.part, ArrowDown: rows[at + 1]?.part, Home: body, End: rows.at(-1)?.part,
      ArrowLeft: part === body ? undefined : part?.parent(), ArrowRight: part && within(part)[0],
    }
    const name = keys === 'Backspace' ? 'Delete' : keys
    const tool = Object.values(tools).find((x) => x.keys === name)
    if (!tool && !(name in walks) && name !== 'Enter' && name !== ' ') return
    e.preventDefault()
    e.stopPropagation() // the library has keys of its own
    if (tool && !tool.can) say(t('board.not'))
    else if (tool) {
      tool.run()
      if (tool !== tools.add && tool !== tools.write) toOutline(editor)
    } else if (walks[name]) {
      choose(editor, walks[name])
      toOutline(editor)
    } else if (name === 'Enter' || name === ' ') {
      if (part) settings()
      else choose(editor, rows[at].part)
    }
  }

  return (
    <>
      <div className="board-tools" role="group" aria-label={t('board.tools')}>
        {Object.entries(tools).map(([name, { icon: Sign, keys, can, run }]) => (
          <ActionIcon key={name} variant="subtle" color="gray" size={32} aria-label={t(`board.${name}`)} title={t(`board.${name}`)} aria-keyshortcuts={keys} aria-disabled={!can} data-disabled={!can || undefined} onClick={() => { if (can) run() }}><Sign size={18} /></ActionIcon>
        ))}
      </div>
      <div className="board-outline">
        <ul ref={tree} role="tree" aria-label={t('board.outline')} aria-describedby="board-keys" onKeyDown={press}>
          {rows.map(({ part: p, level }, i) => (
            <li key={p.getId()} role="treeitem" aria-level={level} aria-selected={p === part} tabIndex={i === at ? 0 : -1} style={{ paddingLeft: level * 12 }} onClick={() => { choose(editor, p); toOutline(editor) }}>
              <span>{p.getName()}</span> {!within(p).length && <span className="soft">{saysOf(p)}</span>}
            </li>
          ))}
        </ul>
        {part && <Colours editor={editor} part={part} />}
        <p id="board-keys" className="soft small">{t('board.keys')}</p>
      </div>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  )
}

/** What a part says, to tell it from others of its kind. */
const saysOf = (p: Component) => (String(p.getAttributes().alt ?? '') || p.getEl()?.textContent || '').trim().slice(0, 60)
