import { Autocomplete, NumberInput } from '@mantine/core'
import { useBrand } from '../../../shell/Shell'
import { words } from '../../../words/i18n'
import { channelText } from '../../../words/words'
import { kindOf } from '../../design'
import { fieldsOf, Line, patch, Pick, Span, Spec, text, type Panel } from './fields'

const t = words('journeys')

/** A message, and a webhook, which is a message to a machine. */
export const Message: Panel = ({ node, design, onChange }) => {
  const kind = kindOf(node)!
  const m = fieldsOf(node[kind])
  const set = (field: string, value: unknown) => onChange(patch(node, kind, { [field]: value }), `${node.id}.${field}`)
  const others = (design.nodes ?? []).filter((n) => n.id !== node.id).map((n) => ({ value: n.id, label: t('lead.node', { node: n.id }) }))
  const topics = useBrand().data?.topics ?? []
  return (
    <>
      {kind === 'message' && <Pick label={t('field.channel')} value={m.channel} onChange={(v) => set('channel', v)} data={['email', 'sms', 'push', 'inapp', 'phone', 'webhook'].map((c) => ({ value: c, label: channelText(c) }))} />}
      <Spec kind="purpose" label={t('field.purpose')} value={m.purpose} onChange={(v) => set('purpose', v)} />
      <Spec kind="template" label={t('field.template')} value={m.template} onChange={(v) => set('template', v)} />
      <Pick label={t('field.if-held')} description={t('field.if-held-about')} value={m.if_held ?? 'wait'} onChange={(v) => set('if_held', v === 'wait' ? '' : v)} data={['wait', 'continue'].map((v) => ({ value: v, label: t(`held.${v}`) }))} />
      <Pick label={t('field.if-dropped')} value={m.if_dropped ?? 'continue'} onChange={(v) => set('if_dropped', v === 'continue' ? '' : v)} data={[...['continue', 'exit'].map((v) => ({ value: v, label: t(`dropped.${v}`) })), ...others]} />
      <Span label={t('field.ttl')} description={t('field.ttl-about')} value={m.ttl} onChange={(v) => set('ttl', v)} />
      <Autocomplete size="sm" label={t('field.topic')} data={topics} value={text(m.topic)} onChange={(v) => set('topic', v)} />
      {kind === 'message' && <Line label={t('field.about')} description={t('field.about-about')} value={m.about} onChange={(v) => set('about', v)} />}
      <NumberInput size="sm" label={t('field.priority')} description={t('field.priority-about')} value={Number(text(m.priority)) || 0} onChange={(v) => set('priority', Number(v) || undefined)} />
    </>
  )
}
