import { Autocomplete, NumberInput, Radio, Select, TextInput } from '@mantine/core'
import { RuleEditor } from '../../segments/builder'
import { words } from '../../words/i18n'
import { spanText } from '../../words/time'
import { useEvents } from '../queries'
import type { StepProps } from './Who'

const t = words('broadcasts')
const spans = ['1d', '3d', '7d', '14d', '30d']

export function WhenStep({ design, change }: StepProps) {
  const events = useEvents()
  return (
    <div className="form">
      <Radio.Group label={t('when')} value={design.when} onChange={(v) => change({ when: v as typeof design.when })}>
        <div className="stack" style={{ marginTop: 8 }}>
          <Radio value="now" label={t('when.now')} description={t('when.now.what')} />
          <Radio value="at" label={t('when.at')} description={t('when.at.what')} />
          <Radio value="local" label={t('when.local')} description={t('when.local.what')} />
        </div>
      </Radio.Group>
      {design.when !== 'now' && <TextInput type="datetime-local" label={t('moment')} required value={design.moment} onChange={(e) => change({ moment: e.currentTarget.value })} style={{ maxWidth: 260 }} />}
      <div className="row top wrap">
        <NumberInput label={t('pace')} description={t('pace.what')} min={0} max={1_000_000} thousandSeparator="," value={design.pace || ''} placeholder={t('pace.none')} onChange={(v) => change({ pace: Number(v) || 0 })} style={{ flex: '1 1 220px' }} inputWrapperOrder={['label', 'input', 'description']} />
        <Select label={t('pace.per')} allowDeselect={false} value={design.per} onChange={(v) => change({ per: v as typeof design.per })} data={[{ value: 'minute', label: t('minute') }, { value: 'hour', label: t('hour') }]} style={{ width: 140 }} />
      </div>
      <div className="row top wrap">
        <Autocomplete label={t('goal')} description={t('goal.what')} data={events.data ?? []} value={design.goal} onChange={(goal) => change({ goal })} style={{ flex: '1 1 220px' }} inputWrapperOrder={['label', 'input', 'description']} />
        <Select label={t('goal.span')} allowDeselect={false} value={design.within} onChange={(v) => change({ within: v ?? '7d' })} data={[...new Set([...spans, design.within])].map((s) => ({ value: s, label: spanText(s) }))} style={{ width: 140 }} />
      </div>
      {design.goal && <div className="stack"><p className="eyebrow">{t('goal.where')}</p><RuleEditor label={t('goal.where')} where={{ name: design.goal }} value={design.where || undefined} onChange={(r) => change({ where: r.text })} stacked /></div>}
    </div>
  )
}
