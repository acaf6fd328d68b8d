// What can be done with the parts of a mail that is being drawn, whoever asks: mouse, key or button.
import type { Component, Editor } from 'grapesjs'

/** A place where a part may stand: the `at`th among what `into` holds without it. */
type Place = { into: Component; at: number }

/** Up and down go through all places in order of reading; before and after leave what holds the part. */
export type Way = 'up' | 'down' | 'before' | 'after'

const isPart = (c: Component) => String(c.get('type')).startsWith('mj-')

/** What stands in a part: a text's own words are not parts. */
export const within = (c: Component) => c.components().filter(isPart)

export const bodyOf = (editor: Editor) => editor.getWrapper()?.findType('mj-body')[0]

/** A part and all that stands in it, in order of reading. */
export const outline = (part: Component, level = 1): { part: Component; level: number }[] => [{ part, level }, ...within(part).flatMap((p) => outline(p, level + 1))]

/** The part that is selected, or the one around it. */
export function selectedPart(editor: Editor) {
  let part = editor.getSelected()
  while (part && !isPart(part)) part = part.parent()
  return part
}

/** Selects a part and brings it into sight. */
export function choose(editor: Editor, part: Component) {
  editor.select(part)
  editor.Canvas.scrollTo(part)
}

/** Every place where MJML lets a part stand, in order of reading. */
function places(editor: Editor, part: Component): Place[] {
  const of = (into: Component): Place[] => {
    if (into === part || !isPart(into)) return []
    const others = into.components().filter((c: Component) => c !== part)
    const here = (at: number) => (may ? [{ into, at }] : [])
    const may = editor.Components.canMove(into, part).result
    return [...others.flatMap((c: Component, i: number) => [...here(i), ...of(c)]), ...here(others.length)]
  }
  const body = bodyOf(editor)
  return body ? of(body) : []
}

/** Where a part comes to stand when it goes that way; undefined at the end. */
export function placeThat(editor: Editor, part: Component, way: Way): Place | undefined {
  const all = places(editor, part)
  const from = part.parent()
  const here = all.findIndex((p) => p.into === from && p.at === part.index())
  if (way === 'up') return all[here - 1]
  if (way === 'down') return all[here + 1]
  return way === 'before' ? all.slice(0, here).findLast((p) => p.into !== from) : all.slice(here).find((p) => p.into !== from)
}

export function move(editor: Editor, part: Component, { into, at }: Place) {
  // The library counts places with the part still standing where it was.
  part.move(into, { at: into === part.parent() && at > part.index() ? at + 1 : at })
  choose(editor, part)
  editor.refresh({ tools: true })
}

export function duplicate(editor: Editor, part: Component) {
  const [made] = part.parent()!.append(part.clone(), { at: part.index() + 1 })
  choose(editor, made)
}

/** Takes a part away; what stood beside it is selected. */
export function remove(editor: Editor, part: Component) {
  const all = within(part.parent()!)
  const at = all.indexOf(part)
  const near = all[at + 1] ?? all[at - 1] ?? part.parent()
  part.remove()
  choose(editor, near)
}

/** What has to be around a kind of part. */
const holderOf = (tag: string) => ({ 'mj-column': 'mj-section', 'mj-group': 'mj-section', 'mj-social-element': 'mj-social', 'mj-navbar-link': 'mj-navbar' }[tag]
  ?? (['mj-section', 'mj-wrapper', 'mj-hero', 'mj-raw'].includes(tag) ? 'mj-body' : 'mj-column'))

/** Puts a block where it may stand, in something that may hold it if need be: after what is selected, or at the end. */
export function place(editor: Editor, content: string) {
  const holder = holderOf(/<(mj-[\w-]+)/.exec(content)?.[1] ?? '')
  let after: Component | undefined
  for (let around = selectedPart(editor) ?? bodyOf(editor); around; after = around, around = around.parent()) {
    const exactly = around.get('type') === holder
    const into = exactly ? around : around.findType(holder).at(-1)
    if (!into) continue
    const [made] = into.append(content, exactly && after ? { at: after.index() + 1 } : undefined)
    choose(editor, made)
    editor.trigger('heed:placed', made)
    return
  }
  place(editor, `<${holder}>${content}</${holder}>`)
}

/** Where a part stands, for who does not see it: the how-manieth of how many, in what. */
export function standing(part: Component) {
  const beside = within(part.parent()!)
  const around = part.parents().filter((p) => isPart(p) && p.get('type') !== 'mj-body')
  const where = around.map((p) => `${p.getName()} ${within(p.parent()!).indexOf(p) + 1}`).join(', ')
  return { part: part.getName(), n: beside.indexOf(part) + 1, all: beside.length, where }
}

/** Ends the writing of a text, and has the outline give the focus to the selected part. */
export function toOutline(editor: Editor) {
  editor.getEditing()?.trigger('disable')
  editor.trigger('heed:outline')
}
