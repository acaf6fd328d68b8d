import { Autocomplete, Select } from '@mantine/core'
import { useVocabulary } from '../../../segments/builder/queries'
import { words } from '../../../words/i18n'

const t = words('journeys')

/** The name of an event, with those that this brand really sends. */
export function EventName({ type, name, onChange }: { type: string; name: string; onChange: (type: string, name: string) => void }) {
  const known = useVocabulary().data?.events ?? []
  const of = type || 'track'
  return (
    <div className="row" style={{ alignItems: 'flex-end' }}>
      <Select size="sm" w={116} label={t('field.type')} data={['track', 'page', 'screen', 'feedback'].map((v) => ({ value: v, label: t(`event.${v}`) }))} value={of} onChange={(v) => onChange(v === 'track' ? '' : (v ?? ''), name)} allowDeselect={false} />
      <Autocomplete size="sm" className="grow" label={t('field.event')} data={[...new Set(known.filter((e) => e.type === of && e.name).map((e) => e.name!))]} value={name} onChange={(v) => onChange(type, v)} limit={40} />
    </div>
  )
}
