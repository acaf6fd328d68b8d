import { Button, ColorInput, ColorPicker, ColorSwatch, Popover, UnstyledButton } from '@mantine/core'
import type { Component, Editor } from 'grapesjs'
import { useState } from 'react'
import { words } from '../../words/i18n'
import { useTemplates, type Body } from '../queries'
import { colourSettings, coloursIn } from './colours'

const t = words('templates')

/** The colours of a part, to be chosen with keys as with the mouse: the library's own take a mouse, or are text. */
export function Colours({ editor, part }: { editor: Editor; part: Component }) {
  const may = part.get('stylable')
  const settings = colourSettings.filter((s) => Array.isArray(may) && may.includes(s))
  if (!settings.length) return null
  return (
    <div className="board-colours" role="group" aria-label={t('colours', { part: part.getName() })}>
      {settings.map((s) => <Colour key={`${part.getId()} ${s}`} editor={editor} part={part} setting={s} />)}
    </div>
  )
}

function Colour({ editor, part, setting }: { editor: Editor; part: Component; setting: (typeof colourSettings)[number] }) {
  const [opened, setOpened] = useState(false)
  const value = String((part.getStyle() as Record<string, unknown>)[setting] ?? '')
  const name = t(`colour.${setting}`)
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus withinPortal position="bottom-start" shadow="md" width={260}>
      <Popover.Target>
        <UnstyledButton className="row" onClick={() => setOpened(!opened)} aria-label={`${name}: ${value || t('colour.none')}`}>
          <ColorSwatch color={value || 'transparent'} size={18} /><span className="small">{name}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Choice name={name} value={value} mail={() => editor.getHtml()} onChoose={(to) => (to ? part.addStyle({ [setting]: to }) : part.removeStyle(setting))} />
      </Popover.Dropdown>
    </Popover>
  )
}

function Choice({ name, value, mail, onChoose }: { name: string; value: string; mail: () => string; onChoose: (colour: string) => void }) {
  const [colour, setColour] = useState(value)
  const [here] = useState(mail)
  const templates = useTemplates()
  const swatches = coloursIn([here, ...(templates.data?.items ?? []).map((s) => { const b = s.body as Body; return b.mjml ?? b.html ?? '' })])
  const choose = (to: string) => {
    setColour(to)
    if (to !== value) onChoose(to)
  }
  const written = () => { if (CSS.supports('color', colour)) choose(colour) }
  return (
    <div className="stack">
      <ColorInput size="xs" label={name} description={t('colour.about')} placeholder="#0f5c5c" value={colour} withPicker={false} withEyeDropper={false} fixOnBlur={false} data-autofocus
        onChange={(to) => (/^#[0-9a-f]{6}$/i.test(to) ? choose(to) : setColour(to))} onBlur={written} onKeyDown={(e) => { if (e.key === 'Enter') written() }} />
      <ColorPicker fullWidth size="sm" format="hex" value={colour} onChange={setColour} onChangeEnd={choose} swatches={swatches} swatchesPerRow={7} saturationLabel={t('colour.saturation')} hueLabel={t('colour.hue')} />
      {!!value && <div><Button size="compact-xs" variant="subtle" color="gray" onClick={() => choose('')}>{t('colour.remove')}</Button></div>}
    </div>
  )
}
