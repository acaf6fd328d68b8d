import { Radio, Textarea, TextInput } from '@mantine/core'
import { words } from '../../words/i18n'
import { put, text } from '../document'
import type { Body } from '../queries'
import { ScopeFields } from './ScopeFields'

const t = words('rules')

export function RuleForm({ body, onChange }: { body: Body; onChange: (b: Body) => void }) {
  const forbid = typeof body.forbid === 'string' ? body.forbid : JSON.stringify(body.forbid ?? '', null, 2)
  return (
    <>
      <Textarea label={t('field.forbid')} description={t('field.forbidAbout')} value={forbid} onChange={(e) => onChange({ ...body, forbid: asRule(e.currentTarget.value) })} autosize minRows={2} maxRows={12} spellCheck={false} required
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }} />
      <Radio.Group label={t('field.then')} value={text(body, 'then') || 'hold'} onChange={(v) => onChange(put(body, 'then', v))}>
        <div className="stack" style={{ marginTop: 8 }}>
          <Radio value="hold" label={t('then.hold')} description={t('thenAbout.hold')} />
          <Radio value="drop" label={t('then.drop')} description={t('thenAbout.drop')} />
        </div>
      </Radio.Group>
      <TextInput label={t('field.why')} description={t('field.whyAbout')} value={text(body, 'text')} onChange={(e) => onChange(put(body, 'text', e.currentTarget.value))} maxLength={300} />
      <ScopeFields body={body} onChange={onChange} />
    </>
  )
}

/** A rule is text, or a tree as JSON. */
function asRule(value: string): unknown {
  if (!value.trimStart().startsWith('{')) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}
