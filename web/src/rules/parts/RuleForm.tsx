import { Radio, TextInput } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Loading } from '../../ui/State'
import { words } from '../../words/i18n'
import { put, text } from '../document'
import type { Body } from '../queries'
import { ScopeFields } from './ScopeFields'

const t = words('rules')

// The builder is heavy: it loads with the first rule that is opened.
const RuleEditor = lazy(async () => ({ default: (await import('../../segments/builder')).RuleEditor }))

export function RuleForm({ body, onChange }: { body: Body; onChange: (b: Body) => void }) {
  return (
    <>
      <div>
        <div className="eyebrow" style={{ marginBottom: 6 }}>{t('field.forbid')}</div>
        <Suspense fallback={<Loading lines={3} />}><RuleEditor label={t('field.forbid')} value={body.forbid as string | object | undefined} stacked onChange={(s) => { if (s.text !== body.forbid) onChange({ ...body, forbid: s.text }) }} /></Suspense>
        <p className="soft small" style={{ marginTop: 6 }}>{t('field.forbidAbout')}</p>
      </div>
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
