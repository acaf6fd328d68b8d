import { Button, NumberInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { words } from '../../../words/i18n'
import { PlaceContext, usePlace, type Condition, type Fields } from '../context'
import { Choice, EventField, Test, Within } from '../fields'
import { Group } from '../Group'
import { asGroup, replaced, without, type EventDoc } from '../tree'

const t = words('segments')

/** What must be true of the event itself. */
function Where({ event, onChange }: { event: EventDoc; onChange: (e: EventDoc) => void }) {
  const place = usePlace()
  if (!event.where) return place.readOnly ? null : <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={12} />} onClick={() => onChange({ ...event, where: { kind: 'property', path: [''], op: '=', value: '' } })}>{t('where.add')}</Button>
  return (
    <div style={{ width: '100%' }}>
      <PlaceContext.Provider value={{ ...place, where: event, triggering: undefined, problems: [] }}>
        <Group label={t('where.label')} node={asGroup(event.where)} path="" onChange={(where) => onChange({ ...event, where: where.of?.length ? where : undefined })} small />
      </PlaceContext.Provider>
    </div>
  )
}

const DidFields: Fields = ({ node, onChange }) => {
  const event = node.event ?? {}
  const count = node.count ?? { is: 'at_least', n: 1 }
  return (
    <>
      <EventField event={event} onChange={(e) => onChange({ ...node, event: e })} />
      <span className="row" style={{ gap: 4 }}>
        <Choice label={t('field.how-often')} w={100} value={count.is} onChange={(is) => onChange({ ...node, count: { ...count, is } })} data={['at_least', 'at_most', 'exactly'].map((v) => ({ value: v, label: t(`count.${v}`) }))} />
        <NumberInput size="xs" w={56} aria-label={t('field.times')} min={0} value={count.n} onChange={(n) => onChange({ ...node, count: { ...count, n: Number(n) || 0 } })} hideControls />
        <span className="small">{t('count.times', { count: count.n })}</span>
      </span>
      <Within value={node.within} onChange={(within) => onChange({ ...node, within })} />
      <Where event={event} onChange={(e) => onChange({ ...node, event: e })} />
    </>
  )
}

const WhenFields: Fields = ({ node, onChange }) => (
  <>
    <EventField event={node.event ?? {}} onChange={(event) => onChange({ ...node, event })} />
    <Test node={node} onChange={onChange} times />
    <Where event={node.event ?? {}} onChange={(event) => onChange({ ...node, event })} />
  </>
)

const ThenFields: Fields = ({ node, onChange }) => {
  const steps = node.steps ?? []
  return (
    <>
      {steps.map((s, i) => (
        <span key={i} className="row" style={{ gap: 4 }}>
          {i > 0 && <span className="small soft">{t('then')}</span>}
          <EventField event={s} onChange={(e) => onChange({ ...node, steps: replaced(steps, i, e) })} />
          {steps.length > 2 && <Button size="compact-xs" variant="subtle" color="gray" aria-label={t('then.remove')} onClick={() => onChange({ ...node, steps: without(steps, i) })}>×</Button>}
        </span>
      ))}
      {steps.length < 5 && <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={12} />} onClick={() => onChange({ ...node, steps: [...steps, {}] })}>{t('then.add')}</Button>}
      <Within value={node.within} onChange={(within) => onChange({ ...node, within })} />
    </>
  )
}

export const events: Condition[] = [
  { kind: 'did', group: 'behaviour', blank: () => ({ kind: 'did', event: {}, within: '30d' }), Fields: DidFields },
  { kind: 'first', group: 'behaviour', blank: () => ({ kind: 'first', event: {}, op: 'ago', value: { duration: '30d' } }), Fields: WhenFields },
  { kind: 'last', group: 'behaviour', blank: () => ({ kind: 'last', event: {}, op: 'within', value: { duration: '30d' } }), Fields: WhenFields },
  { kind: 'then', group: 'behaviour', blank: () => ({ kind: 'then', steps: [{}, {}], within: '1d' }), Fields: ThenFields },
]
