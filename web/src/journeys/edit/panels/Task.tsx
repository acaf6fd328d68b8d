import { Textarea } from '@mantine/core'
import { words } from '../../../words/i18n'
import { departmentNames, departmentText, readable } from '../../../words/words'
import { fieldsOf, Line, patch, Pick, Span, text, type Panel } from './fields'

const t = words('journeys')

export const Task: Panel = ({ node, onChange }) => {
  const f = fieldsOf(node.task)
  const set = (field: string, value: string) => onChange({ ...node, task: { title: f.title, ...fieldsOf(patch(node, 'task', { [field]: value }).task), ...(field === 'title' ? { title: value } : {}) } }, `${node.id}.${field}`)
  return (
    <>
      <Line label={t('task.title')} value={f.title} onChange={(v) => set('title', v)} />
      <Textarea size="sm" label={t('task.text')} autosize minRows={2} value={text(f.text)} onChange={(e) => set('text', e.currentTarget.value)} />
      <Pick label={t('task.department')} value={f.department ?? 'service'} onChange={(v) => set('department', v)} data={departmentNames.map((d) => ({ value: d, label: departmentText(d) }))} />
      <Span label={t('task.due')} value={f.due} onChange={(v) => set('due', v)} />
    </>
  )
}

export const End: Panel = ({ node, onChange }) => (
  <Line label={t('end.reason')} description={t('end.about')} value={fieldsOf(node.end).reason} onChange={(v) => onChange({ ...node, end: v ? { reason: v } : true }, `${node.id}.reason`)} placeholder={readable('done').toLowerCase()} />
)
