import { Radio, Select, Switch, Textarea } from '@mantine/core'
import { words } from '../../words/i18n'
import { classes, put, text } from '../document'
import type { Body } from '../queries'

const t = words('rules')

export function PurposeForm({ body, onChange }: { body: Body; onChange: (b: Body) => void }) {
  const kind = text(body, 'class')
  const service = kind === 'service' || kind === 'service_critical'
  return (
    <>
      <Select label={t('field.class')} description={t(`classAbout.${kind || 'marketing'}`)} data={classes.map((c) => ({ value: c, label: t(`class.${c}`) }))} value={kind || null} allowDeselect={false}
        onChange={(v) => onChange(v === 'service' || v === 'service_critical' ? put(put(body, 'class', v), 'selling', undefined) : put(body, 'class', v))} />
      <Radio.Group label={t('field.consent')} value={text(body, 'consent')} onChange={(v) => onChange(put(body, 'consent', v))}>
        <div className="stack" style={{ marginTop: 8 }}>
          {['opt_in', 'opt_out', 'none'].map((c) => <Radio key={c} value={c} label={t(`consent.${c}`)} description={t(`consentAbout.${c}`)} />)}
        </div>
      </Radio.Group>
      <Switch label={t('field.sells')} description={service ? t('sellsService') : t('sellsAbout')} disabled={service} checked={body.selling === true} onChange={(e) => onChange(put(body, 'selling', e.currentTarget.checked || undefined))} />
      <Textarea label={t('field.purposeText')} description={t('field.purposeTextAbout')} value={text(body, 'text')} onChange={(e) => onChange(put(body, 'text', e.currentTarget.value))} autosize minRows={2} />
    </>
  )
}
