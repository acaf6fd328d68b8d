import { Autocomplete, NumberInput, Select, TagsInput, TextInput } from '@mantine/core'
import { words } from '../../words/i18n'
import { readable } from '../../words/words'
import { usePlace } from './context'
import { useValues, type ValuesOf } from './queries'
import { literal, span, spanOf, written, type EventDoc, type RuleNode } from './tree'

const t = words('segments')

type Field<T> = { value: T; onChange: (v: T) => void }

export function Choice({ label, value, onChange, data, w }: Field<string> & { label: string; data: (string | { value: string; label: string })[]; w?: number }) {
  return <Select size="xs" aria-label={label} w={w ?? 150} data={data} value={value || null} onChange={(v) => v && onChange(v)} allowDeselect={false} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} />
}

/** A name that may be written, with those that are known here. */
export function Name({ label, value, onChange, data, w, placeholder }: Field<string> & { label: string; data: string[]; w?: number; placeholder?: string }) {
  return <Autocomplete size="xs" aria-label={label} placeholder={placeholder ?? label} w={w ?? 190} data={[...new Set(data)]} value={value} onChange={onChange} limit={40} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} />
}

/** A length of time: 90 days. */
export function SpanField({ value, onChange, label }: Field<string | undefined> & { label: string }) {
  const s = span(value)
  return (
    <span className="row" style={{ gap: 4 }}>
      <NumberInput size="xs" w={64} aria-label={t('field.how-many', { label })} min={1} max={3653} value={s.n} onChange={(n) => onChange(spanOf(Number(n), s.unit))} hideControls />
      <Choice label={t('field.unit', { label })} w={98} value={s.unit} onChange={(unit) => onChange(spanOf(s.n, unit))} data={['m', 'h', 'd', 'w'].map((u) => ({ value: u, label: t(`unit.${u}`) }))} />
    </span>
  )
}

/** "within 90 days", or at any time. */
export function Within({ value, onChange }: Field<string | undefined>) {
  return (
    <span className="row" style={{ gap: 4 }}>
      <Choice label={t('field.when')} w={122} value={value ? 'within' : 'ever'} onChange={(v) => onChange(v === 'ever' ? undefined : '30d')} data={[{ value: 'ever', label: t('when.ever') }, { value: 'within', label: t('when.within') }]} />
      {value && <SpanField label={t('field.when')} value={value} onChange={onChange} />}
    </span>
  )
}

const eventTypes = ['track', 'page', 'screen', 'identify', 'group', 'feedback']

/** Which events are meant: those that this brand has really seen are offered. */
export function EventField({ event, onChange }: { event: EventDoc; onChange: (e: EventDoc) => void }) {
  const { vocabulary } = usePlace()
  const type = event.type || 'track'
  const names = vocabulary.events.filter((e) => e.type === type && e.name).map((e) => e.name!)
  return (
    <span className="row" style={{ gap: 4 }}>
      <Choice label={t('field.event-type')} w={104} value={type} onChange={(v) => onChange({ ...event, type: v === 'track' ? undefined : v })} data={eventTypes.map((v) => ({ value: v, label: t(`event.${v}`) }))} />
      <Name label={t('field.event')} w={210} data={names} value={event.name ?? ''} onChange={(name) => onChange({ ...event, name: name || undefined })} placeholder={type === 'track' ? t('field.event') : t('field.any')} />
    </span>
  )
}

const kindOfProperty = (v: { events: { type: string; name?: string; properties: { name: string; kind: string }[] }[] }, e: EventDoc | undefined, property: string) =>
  v.events.find((x) => x.type === (e?.type || 'track') && (x.name ?? '') === (e?.name ?? ''))?.properties.find((p) => p.name === property)?.kind

/** Properties that events of this kind carry. */
export function useProperties(e: EventDoc | undefined): string[] {
  const { vocabulary } = usePlace()
  const of = e?.name ? vocabulary.events.filter((x) => x.type === (e.type || 'track') && x.name === e.name) : vocabulary.events
  return [...new Set(of.flatMap((x) => x.properties.map((p) => p.name)))]
}

export function PathField({ label, path, onChange, data }: { label: string; path: string[] | undefined; onChange: (p: string[]) => void; data: string[] }) {
  return <Name label={label} w={180} data={data} value={(path ?? []).join('.')} onChange={(v) => onChange(v.split('.'))} />
}

const plainOps = ['=', '!=', '>', '>=', '<', '<=', 'contains', 'starts with', 'ends with', 'in', 'exists']
const timeOps = ['within', 'ago', 'in next', 'before', 'after', 'exists']

/** A test of a value: an operator and what it is compared with. `times`: it is a time for sure; `numbers`: a number. */
export function Test({ node, onChange, of, times, numbers }: { node: RuleNode; onChange: (n: RuleNode) => void; of?: ValuesOf; times?: boolean; numbers?: boolean }) {
  const { vocabulary } = usePlace()
  const suggestions = useValues(of)
  const kind = of ? ('trait' in of ? vocabulary.traits.find((x) => x.name === of.trait)?.kind : kindOfProperty(vocabulary, of.event, of.property)) : undefined
  const timed = typeof node.value === 'object' && !Array.isArray(node.value) && 'time' in node.value
  const op = timed && (node.op === '<' || node.op === '>') ? (node.op === '<' ? 'before' : 'after') : (node.op ?? '=')
  const ops = times ? timeOps : numbers ? plainOps.slice(0, 6) : [...plainOps, ...timeOps.filter((o) => o !== 'exists')]
  const setOp = (next: string) => {
    const text = written(node.value)
    if (next === 'exists') onChange({ ...node, op: next, value: undefined })
    else if (next === 'within' || next === 'ago' || next === 'in next') onChange({ ...node, op: next, value: { duration: /^\d+[smhdw]$/.test(text) ? text : '30d' } })
    else if (next === 'before' || next === 'after') onChange({ ...node, op: next === 'before' ? '<' : '>', value: { time: /^\d{4}-\d\d-\d\d/.test(text) ? text : today() } })
    else if (next === 'in') onChange({ ...node, op: next, value: Array.isArray(node.value) ? node.value : text ? [literal(text, kind)] : [] })
    else onChange({ ...node, op: next, value: numbers ? Number(text) || 0 : Array.isArray(node.value) ? (node.value[0] ?? '') : typeof node.value === 'object' ? '' : (node.value ?? '') })
  }
  return (
    <span className="row wrap" style={{ gap: 4 }}>
      <Choice label={t('field.test')} w={138} value={op} onChange={setOp} data={ops.map((o) => ({ value: o, label: opText(o) }))} />
      {op === 'within' || op === 'ago' || op === 'in next' ? <SpanField label={t('field.test')} value={written(node.value)} onChange={(d) => onChange({ ...node, value: { duration: d! } })} />
        : op === 'before' || op === 'after' ? <TextInput size="xs" type="date" aria-label={t('field.day')} value={written(node.value).slice(0, 10)} onChange={(e) => e.currentTarget.value && onChange({ ...node, value: { time: e.currentTarget.value } })} />
          : op === 'exists' ? null
            : op === 'in' ? <TagsInput size="xs" w={240} aria-label={t('field.values')} placeholder={t('field.values')} data={suggestions} value={Array.isArray(node.value) ? node.value.map(written) : []} onChange={(list) => onChange({ ...node, value: list.map((x) => literal(x, kind)) })} />
              : numbers ? <NumberInput size="xs" w={96} aria-label={t('field.number')} value={typeof node.value === 'number' ? node.value : 0} onChange={(n) => onChange({ ...node, value: Number(n) || 0 })} hideControls />
                : <Name label={t('field.value')} w={160} data={suggestions} value={written(node.value)} onChange={(text) => onChange({ ...node, value: literal(text, kind) })} />}
    </span>
  )
}

const today = () => new Date().toISOString().slice(0, 10)

const opWords: Record<string, () => string> = {
  '=': () => t('op.is'), '!=': () => t('op.is-not'), '>': () => '>', '>=': () => '≥', '<': () => '<', '<=': () => '≤', contains: () => t('op.contains'), 'starts with': () => t('op.starts'), 'ends with': () => t('op.ends'),
  in: () => t('op.in'), exists: () => t('op.exists'), within: () => t('op.within'), ago: () => t('op.ago'), 'in next': () => t('op.next'), before: () => t('op.before'), after: () => t('op.after'),
}
const opText = (op: string) => opWords[op]?.() ?? op

export const named = (names: string[]) => names.map((n) => ({ value: n, label: readable(n) }))
