import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { api, asProblem, must } from '../../api/client'
import { useSources } from '../../data/queries'
import { Overtaken, useOvertaken } from '../../ui/Overtaken'
import { asFile, matching } from '../../ui/seen'
import { Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'
import { channelNames, channelText, departmentNames, departmentText } from '../../words/words'
import { nameOf } from '../brand'
import { Connect } from './Connect'

const t = words('setup')

/** The first source: what it is, then how it sends, and its events as they come in. */
export function SourceStep({ onDone }: { onDone: () => void }) {
  const sources = useSources()
  const [made, setMade] = useState<{ name: string; title: string } | null>(null)
  const [channel, setChannel] = useState<string | null>('web')
  const [department, setDepartment] = useState<string | null>('marketing')
  const [title, setTitle] = useState('')
  const name = nameOf(title.trim())
  const body = { title: title.trim(), touchpoint: title.trim(), channel, direction: 'inbound', department }
  const make = useAct<number, { name: string; title: string }>({
    quiet: true, touches: [['sources'], ['specs'], ['keys']], after: setMade,
    run: async (seen) => {
      await must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'source', name }, header: matching(seen) }, body }))
      if (!sources.data?.items.some((s) => s.name === name && s.keys)) await must(api.POST('/api/v1/keys', { body: { kind: 'write', name: body.title, source: name } }))
      return { name, title: body.title }
    },
  })
  const over = useOvertaken('source', name, 0, make.error)
  const first = sources.data?.items[0]
  const chosen = made ?? (first ? { name: first.name, title: first.title || first.name } : null)
  if (chosen) {
    return (
      <div className="stack loose">
        <h2 style={{ fontSize: '1rem', fontWeight: 600 }}>{t('sources.connect-name', { name: chosen.title })}</h2>
        <Connect {...chosen} />
        <div className="row" style={{ justifyContent: 'flex-end' }}><Button onClick={onDone}>{t('source.done')}</Button></div>
      </div>
    )
  }
  return (
    <form className="stack loose" onSubmit={(e) => { e.preventDefault(); if (!over.theirs) make.mutate(0) }}>
      <Overtaken over={over} files={asFile('source', name, body)} busy={make.isPending} onSave={(seen) => make.mutate(seen)} onTake={(theirs) => setMade({ name, title: (theirs.body as { title?: string }).title ?? name })} />
      {make.isError && !over.theirs && <Trouble problem={asProblem(make.error)} />}
      <p className="soft">{t('sources.none-about')}</p>
      <TextInput label={t('source.title')} value={title} onChange={(e) => { setTitle(e.currentTarget.value); make.reset() }} required maxLength={60} placeholder={t('source.example')} autoFocus />
      <div className="pair-fields">
        <Select label={t('sources.channel')} data={channelNames.map((c) => ({ value: c, label: channelText(c) }))} value={channel} onChange={setChannel} allowDeselect={false} />
        <Select label={t('sources.department')} data={departmentNames.map((d) => ({ value: d, label: departmentText(d) }))} value={department} onChange={setDepartment} allowDeselect={false} />
      </div>
      <div className="row between"><Button variant="subtle" color="gray" onClick={onDone}>{t('source.later')}</Button><Button type="submit" loading={make.isPending} disabled={!!over.theirs}>{t('source.make')}</Button></div>
    </form>
  )
}
