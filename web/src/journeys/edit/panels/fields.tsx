import { Select, TextInput } from '@mantine/core'
import { words } from '../../../words/i18n'
import { readable } from '../../../words/words'
import { useSpecNames } from '../../../people/queries'
import type { Design, NodeDoc } from '../../design'

const t = words('journeys')

export type Fields = Record<string, unknown>
export const fieldsOf = (v: unknown): Fields => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Fields) : {})
export const text = (v: unknown) => (typeof v === 'string' || typeof v === 'number' ? String(v) : '')

/** What the panel of one node gets. `set` merges into the value of the node's own field. */
export type PanelProps = {
  node: NodeDoc
  design: Design
  onChange: (n: NodeDoc, tag?: string) => void
  /** Begins anew when something outside of the panel has changed the draft. */
  rev: number
}
export type Panel = (p: PanelProps) => React.ReactNode

/** Changes fields of the node's value; empty ones are taken away. */
export function patch(n: NodeDoc, kind: string, by: Fields): NodeDoc {
  const value: Fields = { ...fieldsOf(n[kind]), ...by }
  for (const k of Object.keys(value)) if (value[k] === '' || value[k] === undefined || value[k] === null) delete value[k]
  return { ...n, [kind]: value }
}

export function Line({ label, value, onChange, description, placeholder, required }: { label: string; value: unknown; onChange: (v: string) => void; description?: string; placeholder?: string; required?: boolean }) {
  return <TextInput size="sm" label={label} description={description} placeholder={placeholder} required={required} value={text(value)} onChange={(e) => onChange(e.currentTarget.value)} />
}

/** A length of time as specs write it: 2d, 36h, 1d12h. */
export function Span(p: { label: string; value: unknown; onChange: (v: string) => void; description?: string }) {
  return <Line {...p} placeholder="2d" description={p.description ?? t('field.span-about')} />
}

export function Pick({ label, value, onChange, data, description, clearable }: { label: string; value: unknown; onChange: (v: string) => void; data: (string | { value: string; label: string })[]; description?: string; clearable?: boolean }) {
  const options = data.map((d) => (typeof d === 'string' ? { value: d, label: readable(d) } : d))
  const had = text(value)
  if (had && !options.some((o) => o.value === had)) options.push({ value: had, label: had })
  return <Select size="sm" label={label} description={description} data={options} value={had || null} onChange={(v) => onChange(v ?? '')} searchable clearable={clearable} allowDeselect={!!clearable} />
}

/** A document of the brand: a template, purpose or segment. */
export function Spec({ kind, ...p }: { kind: 'template' | 'purpose' | 'segment'; label: string; value: unknown; onChange: (v: string) => void; clearable?: boolean }) {
  return <Pick {...p} data={useSpecNames(kind).data ?? []} />
}
