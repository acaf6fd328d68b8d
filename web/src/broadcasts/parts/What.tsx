import { ActionIcon, Autocomplete, Button, NumberInput, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useBrand } from '../../shell/Shell'
import { Rich } from '../../words/Rich'
import { words } from '../../words/i18n'
import { channelText, readable } from '../../words/words'
import type { Variant } from '../design'
import { useParts } from '../queries'
import type { StepProps } from './Who'

const t = words('broadcasts')
const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

export function What({ design, change }: StepProps) {
  const { purposes, templates } = useParts()
  const fitting = (templates ?? []).filter((x) => bodyOf(x.body).channel === design.channel)
  const options = fitting.map((x) => ({ value: x.name, label: bodyOf(x.body).title || readable(x.name) }))
  const topics = useBrand().data?.topics ?? []
  const set = (i: number, part: Partial<Variant>) => change({ variants: design.variants.map((v, j) => (j === i ? { ...v, ...part } : v)) })
  const add = () => {
    const had = design.variants.length ? design.variants : [{ name: 'a', weight: 50, template: design.template }]
    change({ template: '', variants: [...had, { name: letters.find((l) => !had.some((v) => v.name === l))!, weight: 50, template: '' }] })
  }
  const remove = (i: number) => {
    const left = design.variants.filter((_, j) => j !== i)
    change(left.length < 2 ? { variants: [], template: left[0]?.template ?? '' } : { variants: left })
  }
  const sum = design.variants.reduce((n, v) => n + v.weight, 0)
  return (
    <div className="form">
      <Select label={t('channel')} value={design.channel} allowDeselect={false} onChange={(v) => v && change({ channel: v, template: '', variants: [] })} data={['email', 'webhook'].map((c) => ({ value: c, label: channelText(c) }))} />
      <Select label={t('purpose')} required description={purposes?.length === 0 ? <Rich folder="broadcasts" of="purpose.none" parts={{ make: <Link to="/rules/purpose/~new" /> }} /> : t('purpose.what')} value={design.purpose || null} onChange={(v) => change({ purpose: v ?? '' })} data={(purposes ?? []).map((p) => ({ value: p.name, label: bodyOf(p.body).title || readable(p.name) }))} />
      {design.variants.length === 0 ? (
        <Select label={t('template')} required searchable value={design.template || null} onChange={(v) => change({ template: v ?? '' })} data={options} nothingFoundMessage={t('template.none')}
          description={design.template ? <Link to={`/templates/${design.template}`}>{t('template.look')}</Link> : templates && !options.length && <Rich folder="broadcasts" of="template.none-yet" parts={{ make: <Link to={`/templates/~new?channel=${design.channel}`} /> }} />} />
      ) : (
        <fieldset style={{ border: 0, padding: 0, margin: 0 }} className="stack">
          <legend style={{ fontWeight: 500, padding: 0 }}>{t('variants')}</legend>
          {design.variants.map((v, i) => (
            <div key={i} className="row top wrap">
              <TextInput label={t('variant.name')} value={v.name} maxLength={40} onChange={(e) => set(i, { name: e.currentTarget.value.replace(/[^A-Za-z0-9_.-]/g, '') })} style={{ width: 90 }} />
              <Select label={t('template')} required searchable value={v.template || null} onChange={(x) => set(i, { template: x ?? '' })} data={options} style={{ flex: '1 1 180px' }} />
              <NumberInput label={t('weight')} min={1} max={1000} value={v.weight} onChange={(x) => set(i, { weight: Number(x) || 1 })} style={{ width: 90 }} description={sum ? `${Math.round((v.weight / sum) * 100)} %` : undefined} inputWrapperOrder={['label', 'input', 'description']} />
              <ActionIcon variant="subtle" color="gray" aria-label={t('variant.remove', { name: v.name })} onClick={() => remove(i)} mt={26}><IconTrash size={16} /></ActionIcon>
            </div>
          ))}
        </fieldset>
      )}
      <div><Button variant="default" size="compact-md" leftSection={<IconPlus size={14} />} disabled={design.variants.length >= letters.length} onClick={add}>{design.variants.length ? t('variant.add') : t('variant.try')}</Button></div>
      <Autocomplete label={t('topic')} description={t('topic.what')} data={topics} value={design.topic} maxLength={100} onChange={(topic) => change({ topic })} />
    </div>
  )
}

const bodyOf = (body: unknown) => (body ?? {}) as { title?: string; channel?: string }
