import { Button, Select, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { words } from '../../../words/i18n'
import { describe, kindOf, labelOf, type Design, type NodeDoc } from '../../design'
import { waysOf } from '../doc'
import { panels } from './registry'

const t = words('journeys')

/** What a node does and where it leads. Everything that the mouse can do on the canvas can be done here. */
export function NodePanel({ node, design, rev, problems, onChange, onRename, onLead, onRemove }: {
  node: NodeDoc
  design: Design
  rev: number
  problems: string[]
  onChange: (n: NodeDoc, tag?: string) => void
  onRename: (id: string) => void
  onLead: (port: string, to: string) => void
  onRemove: () => void
}) {
  const kind = kindOf(node)
  const Fields = kind && panels[kind]
  const targets = [{ value: '(end)', label: t('lead.end') }, ...(design.nodes ?? []).filter((n) => n.id !== node.id).map((n) => ({ value: n.id, label: `${n.id} – ${describe(n).what}` }))]
  return (
    <div className="stack">
      <div className="row between">
        <h3 style={{ fontSize: '0.9375rem', fontWeight: 600 }}>{kind ? t(`node.${kind}`) : node.id}</h3>
        <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconTrash size={14} />} onClick={onRemove}>{t('remove')}</Button>
      </div>
      {problems.length > 0 && <div className="problem" role="alert">{problems.map((p, i) => <div key={i}>{p}</div>)}</div>}
      <div className="row" style={{ alignItems: 'flex-start' }}>
        <TextInput size="sm" className="grow" label={t('field.id')} defaultValue={node.id} onBlur={(e) => { const id = e.currentTarget.value.trim(); if (id && id !== node.id && !design.nodes?.some((n) => n.id === id)) onRename(id); else e.currentTarget.value = node.id }} />
        <TextInput size="sm" className="grow" label={t('field.title')} value={node.title ?? ''} onChange={(e) => onChange({ ...node, title: e.currentTarget.value || undefined }, `${node.id}.title`)} />
      </div>
      {Fields && <Fields node={node} design={design} onChange={onChange} rev={rev} />}
      {waysOf(node).length > 0 && (
        <div className="stack" style={{ gap: 8 }}>
          <h4 className="eyebrow">{t('leads')}</h4>
          {waysOf(node).map((w) => (
            <Select key={w.port} size="sm" label={labelOf(node, w.port) ?? t('lead.next')} data={targets} value={w.to || '(end)'} onChange={(v) => onLead(w.port, v === '(end)' ? '' : (v ?? ''))} allowDeselect={false} searchable />
          ))}
        </div>
      )}
    </div>
  )
}
