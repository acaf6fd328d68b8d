import { words } from '../../../words/i18n'
import { usePlace, type Condition, type Fields } from '../context'
import { Choice, named, PathField, Test } from '../fields'

const t = words('segments')

const TraitFields: Fields = ({ node, onChange }) => {
  const { vocabulary } = usePlace()
  return (
    <>
      <PathField label={t('field.trait')} path={node.path} onChange={(path) => onChange({ ...node, path })} data={vocabulary.traits.map((x) => x.name)} />
      <Test node={node} onChange={onChange} of={{ trait: (node.path ?? []).join('.') }} />
    </>
  )
}

const OrdersFields: Fields = ({ node, onChange }) => {
  const times = node.name === 'first' || node.name === 'last'
  const choose = (name: string) => {
    const timed = name === 'first' || name === 'last'
    onChange({ kind: 'orders', name, ...(timed === times ? { op: node.op, value: node.value } : timed ? { op: 'within', value: { duration: '30d' } } : { op: '>=', value: 1 }) })
  }
  return (
    <>
      <Choice label={t('field.orders')} w={170} value={node.name ?? 'count'} onChange={choose} data={['count', 'revenue', 'first', 'last'].map((v) => ({ value: v, label: t(`orders.${v}`) }))} />
      <Test node={node} onChange={onChange} times={times} numbers={!times} />
    </>
  )
}

const SeenFields: Fields = ({ node, onChange }) => (
  <>
    <Choice label={t('field.seen')} value={node.name ?? 'last'} onChange={(name) => onChange({ ...node, name })} data={['first', 'last'].map((v) => ({ value: v, label: t(`seen.${v}`) }))} />
    <Test node={node} onChange={onChange} times />
  </>
)

const StageFields: Fields = ({ node, onChange }) => {
  const { vocabulary } = usePlace()
  const one = typeof node.value === 'string' ? node.value : Array.isArray(node.value) ? String(node.value[0] ?? '') : ''
  return Array.isArray(node.value)
    ? <Test node={node} onChange={onChange} />
    : (
      <>
        <Choice label={t('field.test')} w={100} value={node.op ?? '='} onChange={(op) => onChange({ ...node, op })} data={[{ value: '=', label: t('op.is') }, { value: '!=', label: t('op.is-not') }]} />
        <Choice label={t('field.stage')} value={one} onChange={(value) => onChange({ ...node, value })} data={named(vocabulary.stages)} />
      </>
    )
}

const StageSinceFields: Fields = ({ node, onChange }) => <Test node={node} onChange={onChange} times />
const NoFields: Fields = () => null

export const memory: Condition[] = [
  { kind: 'trait', group: 'memory', blank: () => ({ kind: 'trait', path: [''], op: '=', value: '' }), Fields: TraitFields },
  { kind: 'orders', group: 'memory', blank: () => ({ kind: 'orders', name: 'count', op: '>=', value: 1 }), Fields: OrdersFields },
  { kind: 'seen', group: 'memory', blank: () => ({ kind: 'seen', name: 'last', op: 'within', value: { duration: '30d' } }), Fields: SeenFields },
  { kind: 'known', group: 'memory', blank: () => ({ kind: 'known' }), Fields: NoFields },
  { kind: 'stage', group: 'memory', blank: () => ({ kind: 'stage', op: '=', value: 'active' }), Fields: StageFields },
  { kind: 'stage_since', group: 'memory', blank: () => ({ kind: 'stage_since', op: 'ago', value: { duration: '30d' } }), Fields: StageSinceFields },
  { kind: 'everyone', group: 'memory', blank: () => ({ kind: 'everyone' }), Fields: NoFields },
  { kind: 'nobody', group: 'memory', blank: () => ({ kind: 'nobody' }), Fields: NoFields },
]
