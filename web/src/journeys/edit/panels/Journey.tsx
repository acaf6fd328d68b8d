import { Checkbox, MultiSelect, NumberInput, SegmentedControl, Textarea } from '@mantine/core'
import { RuleEditor } from '../../../segments/builder'
import { words } from '../../../words/i18n'
import type { Design } from '../../design'
import { fieldsOf, Line, Pick, Span, Spec, text } from './fields'
import { EventName } from './EventName'
import { weekdays } from './Wait'

const t = words('journeys')

const starts = ['event', 'segment_entered', 'segment_left', 'date', 'schedule', 'api'] as const
type Start = (typeof starts)[number]
const startOf = (d: Design): Start => starts.find((s) => s !== 'api' && d.trigger?.[s] !== undefined) ?? (d.trigger?.api ? 'api' : 'event')

/** What holds for the whole journey: what starts it, who may enter, when it ends. */
export function Journey({ design, onChange, rev }: { design: Design; onChange: (d: Design, tag?: string) => void; rev: number }) {
  const trigger = design.trigger ?? {}
  const start = startOf(design)
  const goal = typeof design.goal === 'string' ? { rule: design.goal } : fieldsOf(design.goal)
  const goalKind = design.goal === undefined ? 'none' : goal.event !== undefined ? 'event' : 'rule'
  const event = { type: trigger.type, name: trigger.event }
  const put = (field: keyof Design, value: unknown, tag?: string) => onChange({ ...design, [field]: value === '' ? undefined : value }, tag ?? field)
  const entry = (by: Partial<NonNullable<Design['entry']>>) => {
    const next = { ...design.entry, ...by }
    for (const k of Object.keys(next) as (keyof typeof next)[]) if (next[k] === '' || next[k] === undefined) delete next[k]
    put('entry', Object.keys(next).length ? next : undefined, `entry.${Object.keys(by)[0]}`)
  }
  const begin = (s: Start) => put('trigger', { ...(s === 'event' ? { event: '' } : s === 'date' ? { date: { trait: '', at: '09:00' } } : s === 'schedule' ? { schedule: { every: 'day', at: '09:00' } } : s === 'api' ? {} : { [s]: '' }), ...(trigger.api || s === 'api' ? { api: true } : {}) })
  const date = trigger.date ?? {}
  const plan = trigger.schedule ?? {}
  const clean = (v: object) => Object.fromEntries(Object.entries(v).filter(([, x]) => x !== '' && x !== undefined && x !== false))
  return (
    <div className="stack loose">
      <div className="stack">
        <h3 className="eyebrow">{t('starts-with')}</h3>
        <Pick label={t('trigger.kind')} value={start} onChange={(v) => v && begin(v as Start)} data={starts.map((s) => ({ value: s, label: t(`trigger.${s}`) }))} />
        {start === 'event' && <>
          <EventName type={trigger.type ?? ''} name={trigger.event ?? ''} onChange={(type, name) => put('trigger', { ...trigger, type: type || undefined, event: name }, 'trigger.event')} />
          <RuleEditor key={`where:${rev}`} label={t('field.where')} where={event} value={trigger.where} onChange={(r) => put('trigger', { ...trigger, where: r.text || undefined }, 'trigger.where')} stacked />
          <Line label={t('field.key')} description={t('field.key-about')} placeholder="properties.order_id" value={design.key} onChange={(v) => put('key', v)} />
        </>}
        {(start === 'segment_entered' || start === 'segment_left') && <Spec kind="segment" label={t('trigger.segment')} value={trigger[start]} onChange={(v) => put('trigger', { ...trigger, [start]: v })} />}
        {start === 'date' && <>
          <Line label={t('field.trait')} value={date.trait} onChange={(v) => put('trigger', { ...trigger, date: { ...date, trait: v } }, 'trigger.trait')} />
          <Line label={t('field.offset')} description={t('field.offset-about')} placeholder="-3d" value={date.offset} onChange={(v) => put('trigger', { ...trigger, date: clean({ ...date, offset: v }) }, 'trigger.offset')} />
          <Line label={t('wait.clock')} placeholder="09:00" value={date.at} onChange={(v) => put('trigger', { ...trigger, date: clean({ ...date, at: v }) }, 'trigger.at')} />
          <Checkbox size="sm" label={t('field.yearly')} checked={date.yearly === true} onChange={(e) => put('trigger', { ...trigger, date: clean({ ...date, yearly: e.currentTarget.checked }) })} />
        </>}
        {start === 'schedule' && <>
          <Pick label={t('field.every')} value={plan.every ?? 'day'} onChange={(v) => put('trigger', { ...trigger, schedule: clean({ every: v, at: plan.at, segment: plan.segment, rule: plan.rule }) })} data={['day', 'week', 'month', 'once'].map((v) => ({ value: v, label: t(`every.${v}`) }))} />
          {plan.every === 'week' && <MultiSelect size="sm" label={t('wait.days')} data={weekdays.map((d) => ({ value: d, label: t(`day.${d}`) }))} value={Array.isArray(plan.on) ? plan.on : plan.on ? [plan.on] : []} onChange={(v) => put('trigger', { ...trigger, schedule: clean({ ...plan, on: v }) })} />}
          {plan.every === 'month' && <NumberInput size="sm" label={t('field.day-of-month')} min={1} max={31} value={plan.day ?? 1} onChange={(v) => put('trigger', { ...trigger, schedule: { ...plan, day: Number(v) || 1 } })} />}
          {plan.every === 'once' && <Line label={t('field.date')} placeholder="2026-12-01" value={plan.date} onChange={(v) => put('trigger', { ...trigger, schedule: clean({ ...plan, date: v }) }, 'trigger.date')} />}
          <Line label={t('wait.clock')} placeholder="09:00" value={plan.at} onChange={(v) => put('trigger', { ...trigger, schedule: clean({ ...plan, at: v }) }, 'trigger.at')} />
          <Spec kind="segment" label={t('trigger.segment')} value={plan.segment} clearable onChange={(v) => put('trigger', { ...trigger, schedule: clean({ ...plan, segment: v }) })} />
        </>}
        {start !== 'api' && <Checkbox size="sm" label={t('trigger.also-api')} checked={trigger.api === true} onChange={(e) => put('trigger', { ...trigger, api: e.currentTarget.checked || undefined })} />}
      </div>
      <div className="stack">
        <h3 className="eyebrow">{t('entry')}</h3>
        <NumberInput size="sm" label={t('entry.limit')} description={t('entry.limit-about')} min={0} value={design.entry?.limit ?? ''} onChange={(v) => entry({ limit: v === '' ? undefined : Number(v) })} />
        <Span label={t('entry.every')} value={design.entry?.every} onChange={(v) => entry({ every: v })} />
        <RuleEditor key={`entry:${rev}`} label={t('entry.rule')} triggering={event} value={design.entry?.rule} onChange={(r) => entry({ rule: r.text })} stacked />
      </div>
      <div className="stack">
        <h3 className="eyebrow">{t('exit')}</h3>
        <RuleEditor key={`exit:${rev}`} label={t('exit.rule')} triggering={event} value={design.exit} onChange={(r) => put('exit', r.text)} stacked />
      </div>
      <div className="stack">
        <h3 className="eyebrow">{t('goal')}</h3>
        <SegmentedControl size="xs" aria-label={t('goal')} value={goalKind} onChange={(v) => put('goal', v === 'none' ? undefined : v === 'event' ? { event: '' } : { rule: '' })} data={['none', 'event', 'rule'].map((v) => ({ value: v, label: t(`goal.${v}`) }))} />
        {goalKind === 'event' && <>
          <EventName type={text(goal.type)} name={text(goal.event)} onChange={(type, name) => put('goal', { ...goal, type: type || undefined, event: name }, 'goal.event')} />
          <RuleEditor key={`goal-where:${rev}`} label={t('field.where')} where={{ type: text(goal.type) || undefined, name: text(goal.event) || undefined }} value={goal.where as string | undefined} onChange={(r) => put('goal', { ...goal, where: r.text || undefined }, 'goal.where')} stacked />
        </>}
        {goalKind === 'rule' && <RuleEditor key={`goal:${rev}`} label={t('goal.rule')} value={goal.rule as string | undefined} onChange={(r) => put('goal', { ...goal, rule: r.text }, 'goal.rule')} stacked />}
        {goalKind !== 'none' && <Pick label={t('goal.then')} value={goal.then ?? 'end'} onChange={(v) => put('goal', { ...goal, then: v === 'end' ? undefined : v })} data={['end', 'mark'].map((v) => ({ value: v, label: t(`goal-then.${v}`) }))} />}
      </div>
      <div className="stack">
        <h3 className="eyebrow">{t('publish')}</h3>
        <Pick label={t('publish.inside')} description={t('publish.about')} value={design.on_publish ?? 'finish'} onChange={(v) => put('on_publish', v === 'finish' ? undefined : v)} data={['finish', 'migrate', 'exit'].map((v) => ({ value: v, label: t(`on-publish.${v}`) }))} />
        <Pick label={t('publish.resume')} value={design.on_resume ?? 'continue'} onChange={(v) => put('on_resume', v === 'continue' ? undefined : v)} data={['continue', 'exit'].map((v) => ({ value: v, label: t(`on-resume.${v}`) }))} />
        <Textarea size="sm" label={t('field.note')} autosize minRows={2} value={design.note ?? ''} onChange={(e) => put('note', e.currentTarget.value)} />
      </div>
    </div>
  )
}
