import { SegmentedControl } from '@mantine/core'
import { RuleEditor } from '../../../segments/builder'
import { words } from '../../../words/i18n'
import { fieldsOf, patch, Span, Spec, text, type Panel } from './fields'
import { EventName } from './EventName'

const t = words('journeys')

export const WaitFor: Panel = ({ node, onChange, rev }) => {
  const w = fieldsOf(node.wait_for)
  const mode = w.segment !== undefined ? 'segment' : w.rule !== undefined ? 'rule' : 'event'
  const within = text(w.within)
  const set = (by: Record<string, unknown>) => onChange(patch(node, 'wait_for', by), `${node.id}.${Object.keys(by)[0]}`)
  const event = { type: text(w.type) || undefined, name: text(w.event) || undefined }
  return (
    <>
      <SegmentedControl size="xs" aria-label={t('wait-for.what')} value={mode} onChange={(v) => onChange({ ...node, wait_for: { [v]: '', within: within || undefined } })} data={['event', 'segment', 'rule'].map((v) => ({ value: v, label: t(`wait-for.${v}`) }))} />
      {mode === 'event' && <>
        <EventName type={text(w.type)} name={text(w.event)} onChange={(type, name) => onChange({ ...node, wait_for: { ...fieldsOf(patch(node, 'wait_for', { type }).wait_for), event: name } }, `${node.id}.event`)} />
        <RuleEditor key={`${node.id}:${rev}:where`} label={t('field.where')} where={event} value={w.where as string | undefined} onChange={(r) => set({ where: r.text })} stacked />
        <Span label={t('field.look-back')} description={t('field.look-back-about')} value={w.look_back} onChange={(v) => set({ look_back: v })} />
      </>}
      {mode === 'segment' && <Spec kind="segment" label={t('wait-for.segment')} value={w.segment} onChange={(v) => onChange({ ...node, wait_for: { ...w, segment: v } })} />}
      {mode === 'rule' && <RuleEditor key={`${node.id}:${rev}:rule`} label={t('wait-for.rule')} value={w.rule as string | undefined} onChange={(r) => onChange({ ...node, wait_for: { ...w, rule: r.text } }, `${node.id}.rule`)} stacked />}
      <Span label={t('field.within')} value={w.within} onChange={(v) => set({ within: v })} />
    </>
  )
}
