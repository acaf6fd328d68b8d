import { Checkbox, MultiSelect, SegmentedControl } from '@mantine/core'
import { words } from '../../../words/i18n'
import { fieldsOf, Line, patch, Pick, Span, text, type Panel } from './fields'

const t = words('journeys')
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const modeOf = (w: unknown) => (typeof w === 'string' ? 'for' : fieldsOf(w).trait !== undefined ? 'date' : 'until')

export const Wait: Panel = ({ node, onChange }) => {
  const mode = modeOf(node.wait)
  const w = fieldsOf(node.wait)
  const set = (by: Record<string, unknown>) => onChange(patch(node, 'wait', by), `${node.id}.${Object.keys(by)[0]}`)
  const on = Array.isArray(w.on) ? (w.on as string[]) : w.on ? [text(w.on)] : []
  return (
    <>
      <SegmentedControl size="xs" aria-label={t('wait.how')} value={mode} onChange={(v) => onChange({ ...node, wait: v === 'for' ? '1d' : v === 'until' ? { until: '09:00' } : { trait: '', at: '09:00' } })} data={['for', 'until', 'date'].map((v) => ({ value: v, label: t(`wait.${v}`) }))} />
      {mode === 'for' && <Span label={t('wait.long')} value={node.wait} onChange={(v) => onChange({ ...node, wait: v }, `${node.id}.wait`)} />}
      {mode === 'until' && <>
        <Line label={t('wait.clock')} placeholder="09:00" value={w.until} onChange={(v) => set({ until: v })} />
        <MultiSelect size="sm" label={t('wait.days')} data={weekdays.map((d) => ({ value: d, label: t(`day.${d}`) }))} value={on} onChange={(v) => set({ on: v.length ? v : undefined })} clearable />
        <Span label={t('wait.first')} value={w.for} onChange={(v) => set({ for: v })} />
      </>}
      {mode === 'date' && <>
        <Line label={t('field.trait')} value={w.trait} onChange={(v) => onChange({ ...node, wait: { ...w, trait: v } }, `${node.id}.trait`)} />
        <Line label={t('field.offset')} placeholder="-3d" description={t('field.offset-about')} value={w.offset} onChange={(v) => set({ offset: v })} />
        <Line label={t('wait.clock')} placeholder="09:00" value={w.at} onChange={(v) => set({ at: v })} />
        <Checkbox size="sm" label={t('field.yearly')} checked={w.yearly === true} onChange={(e) => set({ yearly: e.currentTarget.checked || undefined })} />
        <Pick label={t('wait.missing')} value={w.if_missing ?? 'continue'} onChange={(v) => set({ if_missing: v === 'continue' ? '' : v })} data={['continue', 'exit'].map((v) => ({ value: v, label: t(`missing.${v}`) }))} />
      </>}
    </>
  )
}
