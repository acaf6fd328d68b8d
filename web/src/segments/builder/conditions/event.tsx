import { words } from '../../../words/i18n'
import { departmentText, channelText, channelNames, departmentNames } from '../../../words/words'
import { usePlace, type Condition, type Fields } from '../context'
import { Choice, Name, PathField, Test, useProperties } from '../fields'

const t = words('segments')

const places = ['channel', 'touchpoint', 'source', 'department', 'direction']

const PropertyFields: Fields = ({ node, onChange }) => {
  const { where } = usePlace()
  return (
    <>
      <PathField label={t('field.property')} path={node.path} onChange={(path) => onChange({ ...node, path })} data={useProperties(where)} />
      <Test node={node} onChange={onChange} of={{ event: where ?? {}, property: (node.path ?? []).join('.') }} />
    </>
  )
}

const PlaceFields: Fields = ({ node, onChange }) => {
  const known: Record<string, string[]> = { channel: channelNames, department: departmentNames, direction: ['inbound', 'outbound'] }
  return (
    <>
      <Choice label={t('field.place')} w={130} value={node.name ?? 'channel'} onChange={(name) => onChange({ ...node, name })} data={places.map((p) => ({ value: p, label: t(`place.${p}`) }))} />
      {node.name && known[node.name] && node.op === '='
        ? <Choice label={t('field.value')} value={String(node.value ?? '')} onChange={(value) => onChange({ ...node, value })} data={known[node.name].map((v) => ({ value: v, label: node.name === 'department' ? departmentText(v) : channelText(v) }))} />
        : <Test node={node} onChange={onChange} />}
    </>
  )
}

/** The event that just happened, in journeys. */
const TriggeringFields: Fields = ({ node, onChange }) => {
  const { triggering } = usePlace()
  const property = node.path?.[0] === 'properties'
  const name = (node.path ?? []).slice(1).join('.')
  const properties = useProperties(triggering)
  return (
    <>
      <Choice label={t('field.place')} w={130} value={node.path?.[0] ?? 'properties'} onChange={(v) => onChange({ ...node, path: v === 'properties' ? ['properties', ''] : [v] })} data={['properties', 'name', 'type', ...places].map((p) => ({ value: p, label: t(`place.${p}`) }))} />
      {property && <Name label={t('field.property')} value={name} onChange={(v) => onChange({ ...node, path: ['properties', ...v.split('.')] })} data={properties} />}
      <Test node={node} onChange={onChange} of={property ? { event: triggering ?? {}, property: name } : undefined} />
    </>
  )
}

export const event: Condition[] = [
  { kind: 'property', group: 'event', blank: () => ({ kind: 'property', path: [''], op: '=', value: '' }), Fields: PropertyFields },
  { kind: 'place', group: 'event', blank: () => ({ kind: 'place', name: 'channel', op: '=', value: 'web' }), Fields: PlaceFields },
  { kind: 'event', group: 'event', blank: () => ({ kind: 'event', path: ['properties', ''], op: '=', value: '' }), Fields: TriggeringFields },
]
