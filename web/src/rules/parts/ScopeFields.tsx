import { MultiSelect, Select } from '@mantine/core'
import { words } from '../../words/i18n'
import { channelText } from '../../words/words'
import { channels, classes, scopeOf, withScope } from '../document'
import { titleOf, useSpecs, type Body } from '../queries'

const t = words('rules')

/** Which messages a rule, a cap or quiet hours are about. */
export function ScopeFields({ body, onChange }: { body: Body; onChange: (b: Body) => void }) {
  const scope = scopeOf(body)
  const purposes = useSpecs('purpose')
  const set = (part: Partial<typeof scope>) => onChange(withScope(body, { ...scope, ...part }))
  const all = (given: readonly string[], has: string[]) => [...new Set([...given, ...has])]
  return (
    <fieldset className="stack" style={{ border: 0, padding: 0, margin: 0 }}>
      <legend className="eyebrow" style={{ padding: 0, marginBottom: 6 }}>{t('scope')}</legend>
      <p className="soft small">{t('scopeAbout')}</p>
      <Select label={t('field.selling')} data={[{ value: '', label: t('sellingAny') }, { value: 'yes', label: t('sells') }, { value: 'no', label: t('sellsNot') }]} allowDeselect={false}
        value={scope.selling === undefined ? '' : scope.selling ? 'yes' : 'no'} onChange={(v) => set({ selling: v === 'yes' ? true : v === 'no' ? false : undefined })} />
      <MultiSelect label={t('field.classes')} placeholder={scope.classes.length ? undefined : t('any')} data={all(classes, scope.classes).map((c) => ({ value: c, label: t(`class.${c}`) }))} value={scope.classes} onChange={(v) => set({ classes: v })} clearable />
      <MultiSelect label={t('field.purposes')} placeholder={scope.purposes.length ? undefined : t('any')} data={all([], [...(purposes.data ?? []).map((p) => p.name), ...scope.purposes]).map((p) => ({ value: p, label: titleFor(p) }))} value={scope.purposes} onChange={(v) => set({ purposes: v })} searchable clearable />
      <MultiSelect label={t('field.channels')} placeholder={scope.channels.length ? undefined : t('any')} data={all(channels, scope.channels).map((c) => ({ value: c, label: channelText(c) }))} value={scope.channels} onChange={(v) => set({ channels: v })} searchable clearable />
    </fieldset>
  )
  function titleFor(name: string) {
    const s = purposes.data?.find((p) => p.name === name)
    return s ? titleOf(s) : name
  }
}
