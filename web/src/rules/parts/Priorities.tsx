import { MultiSelect, Radio, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Link } from 'react-router'
import { DataTable } from '../../ui/DataTable'
import { Panel } from '../../ui/Page'
import { Await, Empty } from '../../ui/State'
import { words } from '../../words/i18n'
import { readable } from '../../words/words'
import { classes, put, text } from '../document'
import { bodyOf, titleOf, useSpecs, type Body, type Spec } from '../queries'
import { BrandSave } from './BrandSave'
import { Rehearsed } from './Rehearsed'
import { useBrandDraft } from './useBrandDraft'
import '../rules.css'

const t = words('rules')

/** How messages compete for one person's moment, and the promises that ship. */
export function Priorities() {
  const b = useBrandDraft()
  const [settled] = useDebouncedValue(b.draft, 500)
  return (
    <div className="stack loose">
      <div className="rule-edit">
        <Panel title={t('priorities.title')}>
          <Await query={b.query} lines={6}>{() => (
            <form className="stack loose" onSubmit={(e) => { e.preventDefault(); if (!b.over.theirs) b.save.mutate(undefined) }}>
              <p className="soft">{t('priorities.lead')}</p>
              <Fields body={b.body} set={b.set} disabled={!b.writes} />
              <BrandSave b={b} />
            </form>
          )}</Await>
        </Panel>
        <Rehearsed draft={settled} fresh={settled === b.draft} />
      </div>
      <Order />
    </div>
  )
}

function Fields({ body, set, disabled }: { body: Body; set: (b: Body) => void; disabled: boolean }) {
  const a = (body.arbitration ?? {}) as Body
  const setA = (key: string, value: unknown) => {
    const next = put(a, key, value)
    set(put(body, 'arbitration', Object.keys(next).length ? next : undefined))
  }
  const chosen = Array.isArray(a.classes) ? (a.classes as string[]) : ['marketing', 'survey', 'community']
  return (
    <fieldset disabled={disabled} className="stack loose" style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
      <MultiSelect label={t('field.compete')} description={t('field.competeAbout')} data={classes.filter((c) => c !== 'service_critical').map((c) => ({ value: c, label: t(`class.${c}`) }))} value={chosen} onChange={(v) => setA('classes', v)} />
      <TextInput label={t('field.wait')} description={t('field.waitAbout')} placeholder="0s" value={text(a, 'window')} onChange={(e) => setA('window', e.currentTarget.value)} />
      <Radio.Group label={t('field.loser')} value={text(a, 'then') || 'hold'} onChange={(v) => setA('then', v)}>
        <div className="stack" style={{ marginTop: 8 }}><Radio value="hold" label={t('loser.hold')} /><Radio value="drop" label={t('loser.drop')} /></div>
      </Radio.Group>
      <TextInput label={t('field.retry')} description={t('field.retryAbout')} placeholder="1h" value={text(a, 'retry')} onChange={(e) => setA('retry', e.currentTarget.value)} />
      <TextInput label={t('field.recovery')} description={t('field.recoveryAbout')} placeholder="7d" value={text(body, 'recovery_window')} onChange={(e) => set(put(body, 'recovery_window', e.currentTarget.value))} />
      <TextInput label={t('field.experience')} description={t('field.experienceAbout')} placeholder="24h" value={text(body, 'experience_window')} onChange={(e) => set(put(body, 'experience_window', e.currentTarget.value))} />
    </fieldset>
  )
}

type Rank = { journey: Spec; node: string; purpose: string; channel: string; priority: number }

/** Every message of every journey, the most important first. */
export function ranked(journeys: Spec[]): Rank[] {
  const out = journeys.flatMap((journey) => (Array.isArray(bodyOf(journey).nodes) ? (bodyOf(journey).nodes as Body[]) : []).flatMap((n) => {
    const m = n.message as Body | undefined
    return m ? [{ journey, node: text(n, 'id'), purpose: text(m, 'purpose'), channel: text(m, 'channel'), priority: typeof m.priority === 'number' ? m.priority : 0 }] : []
  }))
  return out.sort((a, b) => b.priority - a.priority || titleOf(a.journey).localeCompare(titleOf(b.journey)))
}

function Order() {
  return (
    <Panel title={t('order.title')} flush>
      <Await query={useSpecs('journey')} lines={4}>{(journeys) => {
        const rows = ranked(journeys)
        if (!rows.length) return <Empty title={t('order.none')}>{t('order.teach')}</Empty>
        return (
          <DataTable caption={t('order.title')} rows={rows} rowKey={(r) => `${r.journey.name}/${r.node}`} columns={[
            { name: t('order.priority'), kind: 'number', cell: (r) => r.priority },
            { name: t('order.message'), lead: true, cell: (r) => <Link className="cover" to={`/journeys/${r.journey.name}`}>{readable(r.node)}</Link> },
            { name: t('order.journey'), cell: (r) => titleOf(r.journey) },
            { name: t('field.purposes'), cell: (r) => readable(r.purpose) },
          ]} />
        )
      }}</Await>
    </Panel>
  )
}
