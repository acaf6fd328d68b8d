import { ActionIcon, Button, Menu, SegmentedControl } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconFolderPlus, IconPlus, IconX } from '@tabler/icons-react'
import { words } from '../../words/i18n'
import { usePlace } from './context'
import { conditionOf, offered } from './registry'
import { isGroup, isNot, moved, negated, problemsAt, replaced, without, type RuleNode } from './tree'
import './builder.css'

const t = words('segments')

type Props = { node: RuleNode; path: string; onChange: (n: RuleNode) => void }

/** All or any of some conditions, which may be groups themselves. */
export function Group({ node, path, onChange, label, small, tools }: Props & { label: string; small?: boolean; tools?: React.ReactNode }) {
  const place = usePlace()
  const of = node.of ?? []
  const set = (next: RuleNode[]) => onChange({ ...node, of: next })
  return (
    <div className={`rule-group${small ? ' small-group' : ''}`} role="group" aria-label={label}>
      <div className="row between">
        {of.length > 1 || !small
          ? <SegmentedControl size="xs" aria-label={t('group.how', { label })} value={node.kind} onChange={(kind) => onChange({ ...node, kind })} data={[{ value: 'all', label: t('group.all') }, { value: 'any', label: t('group.any') }]} disabled={place.readOnly} />
          : <span className="small soft">{label}</span>}
        {tools}
      </div>
      {of.length > 0 && (
        <ul className="rule-items">
          {of.map((child, i) => (
            <li key={i}>
              <Item node={child} path={`${path ? path + '.' : ''}of[${i}]`} number={i + 1}
                onChange={(n) => set(replaced(of, i, n))} onRemove={() => set(without(of, i))}
                onUp={i > 0 ? () => set(moved(of, i, -1)) : undefined} onDown={i < of.length - 1 ? () => set(moved(of, i, 1)) : undefined} />
            </li>
          ))}
        </ul>
      )}
      {!place.readOnly && (
        <div className="row wrap" style={{ gap: 4 }}>
          <AddCondition onAdd={(n) => set([...of, n])} />
          {!small && <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconFolderPlus size={13} />} onClick={() => set([...of, { kind: node.kind === 'all' ? 'any' : 'all', of: [] }])}>{t('group.add')}</Button>}
        </div>
      )}
      <Problems path={path} />
    </div>
  )
}

function AddCondition({ onAdd }: { onAdd: (n: RuleNode) => void }) {
  const list = offered(usePlace())
  const groups = [...new Set(list.map((c) => c.group))]
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target><Button size="compact-xs" variant="light" leftSection={<IconPlus size={13} />}>{t('condition.add')}</Button></Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {groups.map((g) => (
          <div key={g}>
            <Menu.Label>{t(`conditions.${g}`)}</Menu.Label>
            {list.filter((c) => c.group === g).map((c) => <Menu.Item key={c.kind} onClick={() => onAdd(c.blank())}>{t(`condition.${c.kind}`)}</Menu.Item>)}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Item({ node, path, number, onChange, onRemove, onUp, onDown }: Props & { number: number; onRemove: () => void; onUp?: () => void; onDown?: () => void }) {
  const { readOnly } = usePlace()
  const not = isNot(node)
  const inner = not ? node.of![0] : node
  const innerPath = not ? `${path}.of[0]` : path
  const set = (n: RuleNode) => onChange(not ? { ...node, of: [n] } : n)
  const tools = !readOnly && (
    <span className="rule-tools">
      <Button size="compact-xs" variant={not ? 'filled' : 'subtle'} color={not ? 'red.9' : 'gray'} aria-pressed={not} onClick={() => onChange(negated(node))}>{t('not')}</Button>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('item.up', { number })} disabled={!onUp} onClick={onUp}><IconArrowUp size={13} /></ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('item.down', { number })} disabled={!onDown} onClick={onDown}><IconArrowDown size={13} /></ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('item.remove', { number })} onClick={onRemove}><IconX size={14} /></ActionIcon>
    </span>
  )
  if (isGroup(inner)) return <Group node={inner} path={innerPath} onChange={set} label={t('group.label', { number })} tools={tools} />
  const condition = conditionOf(inner.kind)
  return (
    <div className={`rule-item${not ? ' negated' : ''}`} role="group" aria-label={t('item.label', { number })}>
      <fieldset disabled={readOnly} className="rule-fields">
        <legend className="sr">{condition ? t(`condition.${condition.kind}`) : inner.kind}</legend>
        <span className="rule-kind" aria-hidden="true">{condition ? t(`condition.${condition.kind}`) : inner.kind}</span>
        {condition && <condition.Fields node={inner} onChange={set} />}
      </fieldset>
      {tools}
      <Problems path={innerPath} />
    </div>
  )
}

function Problems({ path }: { path: string }) {
  const found = problemsAt(usePlace().problems, path)
  if (!found.length || (path === '' && found.every((p) => p.line))) return null
  return <p className="rule-problem" role="alert">{found.map((p) => p.detail).join('; ')}</p>
}
