import { TextInput } from '@mantine/core'
import { words } from '../../../words/i18n'
import { channelText } from '../../../words/words'
import { usePlace, type Condition, type Fields } from '../context'
import { Choice, Name, named, Within } from '../fields'

const t = words('segments')

const SegmentFields: Fields = ({ node, onChange }) => {
  const { vocabulary } = usePlace()
  return <Choice label={t('field.segment')} w={200} value={node.name ?? ''} onChange={(name) => onChange({ ...node, name })} data={named(vocabulary.segments)} />
}

const ConsentFields: Fields = ({ node, onChange }) => {
  const { vocabulary } = usePlace()
  return (
    <>
      <Choice label={t('field.purpose')} value={node.name ?? ''} onChange={(name) => onChange({ ...node, name })} data={named(vocabulary.purposes)} />
      <Choice label={t('field.channel')} w={140} value={node.channel || 'every'} onChange={(c) => onChange({ ...node, channel: c === 'every' ? undefined : c })} data={[{ value: 'every', label: t('channel.every') }, ...vocabulary.channels.map((c) => ({ value: c, label: channelText(c) }))]} />
      <Choice label={t('field.state')} w={130} value={node.state ?? 'granted'} onChange={(state) => onChange({ ...node, state })} data={['granted', 'denied', 'pending', 'missing'].map((v) => ({ value: v, label: t(`consent.${v}`) }))} />
    </>
  )
}

const CaseFields: Fields = ({ node, onChange }) => (
  <>
    <Choice label={t('field.state')} value={node.name ?? 'open'} onChange={(name) => onChange({ ...node, name, within: name === 'open' ? undefined : (node.within ?? '7d') })} data={['open', 'opened', 'closed'].map((v) => ({ value: v, label: t(`case.${v}`) }))} />
    {node.name !== 'open' && <Within value={node.within} onChange={(within) => onChange({ ...node, within: within ?? '7d' })} />}
  </>
)

const MomentFields: Fields = ({ node, onChange }) => (
  <>
    <Choice label={t('field.state')} w={110} value={node.state ?? 'good'} onChange={(state) => onChange({ ...node, state })} data={['good', 'bad'].map((v) => ({ value: v, label: t(`moment.${v}`) }))} />
    <TextInput size="xs" w={150} aria-label={t('field.moment')} placeholder={t('field.any')} value={node.name ?? ''} onChange={(e) => onChange({ ...node, name: e.currentTarget.value || undefined })} />
    <Within value={node.within} onChange={(within) => onChange({ ...node, within })} />
  </>
)

const PromiseFields: Fields = ({ node, onChange }) => (
  <Choice label={t('field.state')} value={node.name || 'open'} onChange={(name) => onChange({ ...node, name: name === 'open' ? undefined : name })} data={['open', 'overdue'].map((v) => ({ value: v, label: t(`promise.${v}`) }))} />
)

const PreferenceFields: Fields = ({ node, onChange }) => (
  <>
    <Choice label={t('field.preference')} w={160} value={node.name ?? 'topic'} onChange={(name) => onChange({ ...node, name })} data={['topic', 'muted', 'channel', 'locale', 'zone'].map((v) => ({ value: v, label: t(`preference.${v}`) }))} />
    <Name label={t('field.value')} data={[]} value={typeof node.value === 'string' ? node.value : ''} onChange={(value) => onChange({ ...node, value })} />
  </>
)

const BlockedFields: Fields = ({ node, onChange }) => {
  const { vocabulary } = usePlace()
  return <Choice label={t('field.channel')} value={node.channel ?? ''} onChange={(channel) => onChange({ ...node, channel })} data={vocabulary.channels.map((c) => ({ value: c, label: channelText(c) }))} />
}

export const relation: Condition[] = [
  { kind: 'segment', group: 'memory', blank: () => ({ kind: 'segment', name: '' }), Fields: SegmentFields },
  { kind: 'consent', group: 'relation', blank: () => ({ kind: 'consent', name: '', channel: 'email', state: 'granted' }), Fields: ConsentFields },
  { kind: 'case', group: 'relation', blank: () => ({ kind: 'case', name: 'open' }), Fields: CaseFields },
  { kind: 'moment', group: 'relation', blank: () => ({ kind: 'moment', state: 'good', within: '7d' }), Fields: MomentFields },
  { kind: 'promise', group: 'relation', blank: () => ({ kind: 'promise' }), Fields: PromiseFields },
  { kind: 'preference', group: 'relation', blank: () => ({ kind: 'preference', name: 'topic', value: '' }), Fields: PreferenceFields },
  { kind: 'blocked', group: 'relation', blank: () => ({ kind: 'blocked', channel: 'email' }), Fields: BlockedFields },
]
