import { Chip, TextInput } from '@mantine/core'
import { words } from '../../words/i18n'
import { days, put, text } from '../document'
import type { Body } from '../queries'
import { ScopeFields } from './ScopeFields'

const t = words('rules')

export function QuietForm({ body, onChange }: { body: Body; onChange: (b: Body) => void }) {
  const chosen = Array.isArray(body.days) ? (body.days as string[]).map((d) => d.slice(0, 3).toLowerCase()) : []
  return (
    <>
      <div className="row top" style={{ gap: 16 }}>
        <TextInput className="grow" type="time" label={t('field.from')} value={text(body, 'from')} onChange={(e) => onChange(put(body, 'from', e.currentTarget.value))} required />
        <TextInput className="grow" type="time" label={t('field.to')} value={text(body, 'to')} onChange={(e) => onChange(put(body, 'to', e.currentTarget.value))} required />
      </div>
      <p className="soft small">{t('quietAbout')}</p>
      <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
        <legend className="eyebrow" style={{ padding: 0, marginBottom: 6 }}>{t('field.days')}</legend>
        <Chip.Group multiple value={chosen} onChange={(v) => onChange(put(body, 'days', days.filter((d) => v.includes(d))))}>
          <div className="row wrap" style={{ gap: 6 }}>{days.map((d) => <Chip key={d} value={d} size="sm" variant="outline">{t(`day.${d}`)}</Chip>)}</div>
        </Chip.Group>
        <p className="soft small" style={{ marginTop: 6 }}>{t('daysAbout')}</p>
      </fieldset>
      <TextInput label={t('field.why')} description={t('field.whyAbout')} value={text(body, 'text')} onChange={(e) => onChange(put(body, 'text', e.currentTarget.value))} maxLength={300} />
      <ScopeFields body={body} onChange={onChange} />
    </>
  )
}
