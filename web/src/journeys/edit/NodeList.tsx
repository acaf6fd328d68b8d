import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react'
import { words } from '../../words/i18n'
import { icons } from '../canvas/icons'
import { describe, describeTrigger, kindOf, kinds, labelOf, start, type Design, type Kind } from '../design'
import { waysOf, type Spot } from './doc'

const t = words('journeys')

/** The journey as a list: what the canvas shows, for whoever does not draw. */
export function NodeList({ design, selected, wrong, onSelect, onAdd, onRemove, onMove }: {
  design: Design
  selected: string
  wrong: Map<string, string[]>
  onSelect: (id: string) => void
  onAdd: (kind: Kind, spot: Spot) => void
  onRemove: (id: string) => void
  onMove: (id: string, by: number) => void
}) {
  const nodes = design.nodes ?? []
  return (
    <ol className="node-list" aria-label={t('list')}>
      <li className={selected === start ? 'chosen' : undefined}>
        <Button size="compact-sm" variant="subtle" onClick={() => onSelect(start)}>{t('starts-with')}: {describeTrigger(design.trigger)}</Button>
        <Add spot="first" label={t('add.first')} onAdd={onAdd} />
      </li>
      {nodes.map((n, i) => {
        const kind = kindOf(n)
        const Icon = kind && icons[kind]
        const ways = waysOf(n)
        return (
          <li key={n.id} className={[selected === n.id && 'chosen', wrong.has(n.id) && 'wrong'].filter(Boolean).join(' ') || undefined}>
            {Icon && <Icon size={16} aria-hidden="true" />}
            <Button size="compact-sm" variant="subtle" aria-pressed={selected === n.id} onClick={() => onSelect(n.id)}>{describe(n).what} <span className="soft" style={{ marginLeft: 6 }}>{n.id}</span></Button>
            <span className="row" style={{ marginLeft: 'auto', gap: 2 }}>
              {ways.map((w) => <Add key={w.port} spot={{ after: n.id, port: w.port }} label={t('add.after', { node: n.id, way: labelOf(n, w.port) ?? '' })} onAdd={onAdd} />)}
              <ActionIcon variant="subtle" color="gray" aria-label={t('move.up', { node: n.id })} disabled={i === 0} onClick={() => onMove(n.id, -1)}><IconArrowUp size={15} /></ActionIcon>
              <ActionIcon variant="subtle" color="gray" aria-label={t('move.down', { node: n.id })} disabled={i === nodes.length - 1} onClick={() => onMove(n.id, 1)}><IconArrowDown size={15} /></ActionIcon>
              <ActionIcon variant="subtle" color="gray" aria-label={t('remove-node', { node: n.id })} onClick={() => onRemove(n.id)}><IconTrash size={15} /></ActionIcon>
            </span>
            {ways.length > 0 && <span className="ways">{ways.map((w) => `${labelOf(n, w.port) ?? t('lead.next')} → ${w.to || t('lead.end')}`).join(' · ')}</span>}
            {wrong.get(n.id)?.map((p, k) => <span key={k} className="rule-problem">{p}</span>)}
          </li>
        )
      })}
    </ol>
  )
}

function Add({ spot, label, onAdd }: { spot: Spot; label: string; onAdd: (kind: Kind, spot: Spot) => void }) {
  return (
    <Menu withinPortal position="bottom-end">
      <Menu.Target><ActionIcon variant="subtle" aria-label={label} title={label}><IconPlus size={15} /></ActionIcon></Menu.Target>
      <Menu.Dropdown>{kinds.map((k) => <Menu.Item key={k} onClick={() => onAdd(k, spot)}>{t(`node.${k}`)}</Menu.Item>)}</Menu.Dropdown>
    </Menu>
  )
}
