import { Button, Select, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { asProblem } from '../../api/client'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'
import { saveBrand, type Brand } from '../brand'

const t = words('setup')

/** Who we are: what stands on mails, and the clock and money of the brand. */
export function BrandStep({ brand, onDone }: { brand: Brand | null; onDone: () => void }) {
  const here = brand?.body.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  // Browsers leave UTC and older names out of their list.
  const zones = useMemo(() => [...new Set([here, 'UTC', ...Intl.supportedValuesOf('timeZone')])], [here])
  const currencies = useMemo(() => Intl.supportedValuesOf('currency'), [])
  const [zone, setZone] = useState<string | null>(here)
  const [currency, setCurrency] = useState<string | null>(brand?.body.currency ?? 'EUR')
  const save = useAct({
    quiet: true, touches: [['specs']], after: onDone,
    run: (title: string) => saveBrand(brand, { title, zone: zone ?? undefined, currency: currency ?? undefined }),
  })
  return (
    <form className="stack loose" onSubmit={(e) => { e.preventDefault(); save.mutate(String(new FormData(e.currentTarget).get('title')).trim()) }}>
      {save.isError && <Trouble problem={asProblem(save.error)} />}
      <TextInput label={t('brand.name')} description={t('brand.name-about')} name="title" defaultValue={brand?.body.title} required maxLength={100} autoFocus />
      <div className="pair-fields">
        <Select label={t('brand.zone')} description={t('brand.zone-about')} data={zones} value={zone} onChange={setZone} searchable required allowDeselect={false} limit={200} />
        <Select label={t('brand.currency')} description={t('brand.currency-about')} data={currencies} value={currency} onChange={setCurrency} searchable required allowDeselect={false} limit={200} />
      </div>
      <div className="row" style={{ justifyContent: 'flex-end' }}><Button type="submit" loading={save.isPending}>{t('go-on')}</Button></div>
    </form>
  )
}
