import { Button, Select, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { words } from '../../words/i18n'
import type { Brand } from '../brand'
import { useBrandEdit } from '../useBrandEdit'

const t = words('setup')

/** Who we are: what stands on mails, and the clock and money of the brand. */
export function BrandStep({ brand, onDone, onTake }: { brand: Brand | null; onDone: () => void; onTake: () => void }) {
  const [here] = useState(brand?.body.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone)
  // Browsers leave UTC and older names out of their list.
  const zones = useMemo(() => [...new Set([here, 'UTC', ...Intl.supportedValuesOf('timeZone')])], [here])
  const currencies = useMemo(() => Intl.supportedValuesOf('currency'), [])
  const [title, setTitle] = useState(brand?.body.title ?? '')
  const [zone, setZone] = useState<string | null>(here)
  const [currency, setCurrency] = useState<string | null>(brand?.body.currency ?? 'EUR')
  const edit = useBrandEdit(brand, { title: title.trim(), zone: zone ?? undefined, currency: currency ?? undefined }, onDone, onTake)
  return (
    <form className="stack loose" onSubmit={(e) => { e.preventDefault(); if (!edit.blocked) edit.go() }}>
      {edit.notice}
      <TextInput label={t('brand.name')} description={t('brand.name-about')} value={title} onChange={(e) => setTitle(e.currentTarget.value)} required maxLength={100} autoFocus />
      <div className="pair-fields">
        <Select label={t('brand.zone')} description={t('brand.zone-about')} data={zones} value={zone} onChange={setZone} searchable required allowDeselect={false} limit={200} />
        <Select label={t('brand.currency')} description={t('brand.currency-about')} data={currencies} value={currency} onChange={setCurrency} searchable required allowDeselect={false} limit={200} />
      </div>
      <div className="row" style={{ justifyContent: 'flex-end' }}><Button type="submit" loading={edit.busy} disabled={edit.blocked}>{t('go-on')}</Button></div>
    </form>
  )
}
