import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, must } from '../../api/client'
import { findPeople } from '../../people/queries'
import { words } from '../../words/i18n'
import { nameless } from '../../words/words'

const t = words('templates')

/** Whose data the preview shows. */
export function PersonPick({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const [text, setText] = useState('')
  const [still] = useDebouncedValue(text, 200)
  const found = useQuery({
    queryKey: ['people', 'pick', still], placeholderData: keepPreviousData, staleTime: 60_000,
    queryFn: async ({ signal }) => (still.trim() ? await findPeople(still.trim(), 8, signal) : (await must(api.GET('/api/v1/people', { params: { query: { limit: 8 } }, signal })) as { items: Awaited<ReturnType<typeof findPeople>> }).items),
  })
  const chosen = useQuery({ queryKey: ['names', value], enabled: !!value, queryFn: async () => (await must(api.GET('/api/v1/people/{id}', { params: { path: { id: value } } }))).name ?? '', staleTime: 300_000, retry: false })
  const options = (found.data ?? []).map((p) => ({ value: p.id, label: p.name || p.email || nameless(p.id) }))
  if (value && !options.some((o) => o.value === value)) options.unshift({ value, label: chosen.data || nameless(value) })
  return <Select label={t('person')} placeholder={t('person.none')} searchable clearable value={value || null} data={options} filter={({ options }) => options} onSearchChange={setText} onChange={(v) => onChange(v ?? '')} nothingFoundMessage={t('person.nobody')} />
}
