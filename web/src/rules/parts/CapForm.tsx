import { NumberInput, Radio, Select, TextInput } from '@mantine/core'
import { words } from '../../words/i18n'
import { put, spanOf, text } from '../document'
import type { Body } from '../queries'
import { ScopeFields } from './ScopeFields'

const t = words('rules')

export function CapForm({ body, onChange }: { body: Body; onChange: (b: Body) => void }) {
  const rolling = body.calendar === undefined
  const span = spanOf(body.per)
  const per = (n: number, unit: string) => onChange(put({ ...body, per: `${n}${unit}` }, 'calendar', undefined))
  return (
    <>
      <NumberInput label={t('field.max')} min={1} max={1000} allowDecimal={false} value={Number(body.max ?? 1)} onChange={(v) => onChange({ ...body, max: Number(v) || 1 })} required />
      <Radio.Group label={t('field.window')} value={rolling ? 'rolling' : 'calendar'} onChange={(v) => onChange(v === 'rolling' ? put({ ...body, per: '7d' }, 'calendar', undefined) : put({ ...body, calendar: 'week' }, 'per', undefined))}>
        <div className="stack" style={{ marginTop: 8 }}>
          <Radio value="rolling" label={t('window.rolling')} description={t('windowAbout.rolling')} />
          <Radio value="calendar" label={t('window.calendar')} description={t('windowAbout.calendar')} />
        </div>
      </Radio.Group>
      {!rolling
        ? <Select label={t('field.calendar')} data={['day', 'week', 'month'].map((p) => ({ value: p, label: t(`calendar.${p}`) }))} value={text(body, 'calendar')} allowDeselect={false} onChange={(v) => onChange(put(body, 'calendar', v))} />
        : span
          ? (
            <div className="row top" style={{ gap: 16 }}>
              <NumberInput className="grow" label={t('field.span')} min={1} max={400} allowDecimal={false} value={span.n} onChange={(v) => per(Number(v) || 1, span.unit)} />
              <Select className="grow" label={t('field.unit')} data={['h', 'd', 'w'].map((u) => ({ value: u, label: t(`unit.${u}`) }))} value={span.unit} allowDeselect={false} onChange={(v) => per(span.n, v ?? 'd')} />
            </div>
          )
          : <TextInput label={t('field.span')} value={text(body, 'per')} onChange={(e) => onChange(put(body, 'per', e.currentTarget.value))} />}
      <TextInput label={t('field.why')} description={t('field.whyAbout')} value={text(body, 'text')} onChange={(e) => onChange(put(body, 'text', e.currentTarget.value))} maxLength={300} />
      <ScopeFields body={body} onChange={onChange} />
    </>
  )
}
