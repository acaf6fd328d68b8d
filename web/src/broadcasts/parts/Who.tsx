import { NumberInput, Select, TextInput } from '@mantine/core'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { readable } from '../../words/words'
import type { Design } from '../design'
import { useParts } from '../queries'

const t = words('broadcasts')

export type StepProps = { design: Design; change: (part: Partial<Design>) => void }

export function Who({ design, change, name, fixed }: StepProps & { name: string; fixed: boolean }) {
  const { segments } = useParts()
  const chosen = segments?.find((s) => s.name === design.segment)
  return (
    <div className="form">
      <TextInput label={t('name')} description={fixed ? t('name.fixed', { name }) : name ? t('name.becomes', { name }) : t('name.what')} required value={design.title} maxLength={120} onChange={(e) => change({ title: e.currentTarget.value })} data-autofocus />
      <Select label={t('segment')} required searchable value={design.segment || null} onChange={(v) => change({ segment: v ?? '' })}
        data={(segments ?? []).map((s) => ({ value: s.name, label: s.title || readable(s.name) }))} description={chosen ? t('segment.people', { n: count(chosen.people) }) : t('segment.what')} nothingFoundMessage={t('segment.none')} />
      <NumberInput label={t('holdout.percent')} description={t('holdout.what')} suffix=" %" min={0} max={50} decimalScale={1} value={design.holdout} onChange={(v) => change({ holdout: Number(v) || 0 })} style={{ maxWidth: 320 }} />
    </div>
  )
}
