import { Button, Progress, Select, TagsInput, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { api, must, type Schemas } from '../../api/client'
import { fromDay, toDay } from '../../ledger/queries'
import { Exporting } from '../../people/parts/Exporting'
import { PersonName } from '../../people/parts/PersonName'
import { DataTable } from '../../ui/DataTable'
import { Filters } from '../../ui/Filters'
import { Panel } from '../../ui/Page'
import { StatePill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { some, useFilters } from '../../ui/useParams'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { bytes, count } from '../../words/numbers'
import { absolute } from '../../words/time'
import { channelNames, channelText, departmentNames, departmentText } from '../../words/words'
import { useCatalogue, useExports, useSegmentNames } from '../queries'

const t = words('data')
const ui = words('ui')

type Job = Schemas['ExportJob']
const open = (j: Job) => j.state === 'waiting' || j.state === 'running'

/** Files on their way out, and those that are there. */
export function Exports() {
  const cancel = useAct({ done: t('exports.canceled'), touches: [['exports']], run: (id: string) => must(api.POST('/api/v1/exports/{id}/cancel', { params: { path: { id } } })) })
  return (
    <div className="stack">
      <p className="soft small">{t('exports.lead')}</p>
      <Timelines />
      <div className="panel">
        <Await query={useExports()}>{({ items }) => (items.length ? (
          <DataTable caption={t('tab.exports')} rows={items} rowKey={(j) => j.id} columns={[
            { name: t('exports.what'), lead: true, cell: (j) => <><b style={{ fontWeight: 550 }}>{t(`exports.${j.what}`)}</b> <span className="soft small">{j.format.toUpperCase()} · {j.by}</span><Of asked={j.asked as Asked | undefined} />{j.detail && <div className="soft small">{j.detail}</div>}</> },
            { name: t('state'), kind: 'fit', beside: true, cell: (j) => <StatePill state={j.state} /> },
            { name: t('progress'), cell: (j) => <div style={{ minWidth: 120 }}><Progress value={j.state === 'done' ? 100 : j.total ? Math.min(99, (j.rows / j.total) * 100) : open(j) ? 5 : 0} size="sm" aria-label={t('progressOf', { what: t(`exports.${j.what}`) })} /><span className="soft small num">{j.total ? t('exports.rowsOf', { rows: count(j.rows), total: count(j.total) }) : t('exports.rows', { count: j.rows })} · {bytes(j.bytes)}</span></div> },
            { name: t('started'), kind: 'fit', cell: (j) => <When at={j.started} /> },
            { name: '', kind: 'fit', cell: (j) => (j.state === 'done'
              ? <Button size="compact-sm" variant="light" component="a" href={`/api/v1/exports/${j.id}/file`} download leftSection={<IconDownload size={14} />}>{t('exports.download')}</Button>
              : open(j) ? <Button size="compact-sm" variant="subtle" color="gray" onClick={() => cancel.mutate(j.id)}>{ui('cancel')}</Button> : null) },
          ]} />
        ) : <Empty title={t('exports.none')}>{t('exports.teach')}</Empty>)}</Await>
      </div>
    </div>
  )
}

type Asked = Partial<Schemas['NewExport']>

/** Of whom and of what the timelines are, as the timeline itself is filtered; the choice lives in the URL. */
function Timelines() {
  const [get, set] = useFilters()
  const segments = useSegmentNames()
  const known = useCatalogue()
  const events = get('events') ? get('events').split('|') : []
  const filter = { segment: get('segment'), person: get('person'), channel: get('channel'), department: get('department'), direction: get('direction'), events: get('events'), since: get('since'), until: get('until') }
  const asked: Asked = {
    segment: some(filter.segment), person: some(filter.person), channel: some(filter.channel), department: some(filter.department), direction: some(filter.direction) as Asked['direction'],
    events: events.length ? events : undefined, since: fromDay(filter.since), until: toDay(filter.until),
  }
  return (
    <Panel title={t('exports.timelines')} aside={<Exporting what="timelines" asked={asked} />}>
      <Filters label={t('exports.filter')} active={Object.values(filter).filter(Boolean).length}>
        <Select label={t('exports.segment')} placeholder={t('exports.everybody')} data={segments.data ?? []} value={filter.segment || null} onChange={(v) => set({ segment: v, person: null })} searchable clearable />
        <Select label={t('exports.channel')} placeholder={t('exports.any')} data={channelNames.map((c) => ({ value: c, label: channelText(c) }))} value={filter.channel || null} onChange={(v) => set({ channel: v })} clearable />
        <Select label={t('exports.department')} placeholder={t('exports.any')} data={departmentNames.map((d) => ({ value: d, label: departmentText(d) }))} value={filter.department || null} onChange={(v) => set({ department: v })} clearable />
        <Select label={t('exports.direction')} placeholder={t('exports.both')} data={[{ value: 'inbound', label: t('exports.fromThem') }, { value: 'outbound', label: t('exports.fromUs') }]} value={filter.direction || null} onChange={(v) => set({ direction: v })} clearable />
        <TagsInput label={t('exports.events')} placeholder={events.length ? '' : t('exports.allEvents')} data={[...new Set((known.data?.items ?? []).flatMap((e) => e.name || []))]} value={events} onChange={(v) => set({ events: v.join('|') })} maxTags={50} clearable />
        <TextInput label={t('exports.since')} type="date" value={filter.since} onChange={(e) => set({ since: e.currentTarget.value })} />
        <TextInput label={t('exports.until')} type="date" value={filter.until} onChange={(e) => set({ until: e.currentTarget.value })} />
      </Filters>
      {filter.person && <p className="small row" style={{ gap: 8 }}>{t('exports.only')} <PersonName id={filter.person} /> <Button size="compact-sm" variant="subtle" onClick={() => set({ person: null })}>{t('exports.notOnly')}</Button></p>}
    </Panel>
  )
}

/** What was asked for, in a line. */
function Of({ asked }: { asked?: Asked }) {
  if (!asked) return null
  const day = (at?: string) => at && absolute(Date.parse(at))
  const parts = [
    asked.segment, asked.stage, asked.rule, asked.channel && channelText(asked.channel), asked.department && departmentText(asked.department),
    asked.direction && t(asked.direction === 'inbound' ? 'exports.fromThem' : 'exports.fromUs'), asked.events?.join(', '), asked.journey, asked.purpose, asked.reason,
    asked.since && t('exports.sinceOf', { day: day(asked.since) }), asked.until && t('exports.untilOf', { day: day(asked.until) }),
  ].filter(Boolean)
  if (!parts.length && !asked.person) return null
  return <div className="soft small" style={{ overflowWrap: 'anywhere' }}>{asked.person && <><PersonName id={asked.person} />{parts.length > 0 && ' · '}</>}{parts.join(' · ')}</div>
}
