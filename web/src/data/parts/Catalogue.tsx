import { Switch, TextInput, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { useNow, When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import { eventTypeText } from '../../words/words'
import { useCatalogue, useTrends, type KnownEvent } from '../queries'
import { Spark } from './Spark'

const t = words('data')

const day = 86_400_000
const sent = ['track', 'identify', 'page', 'screen', 'group', 'alias']

export function Catalogue() {
  const [get, set] = useFilters()
  const now = useNow()
  const q = get('q').toLowerCase()
  const all = get('all') === '1'
  const trends = useTrends()
  const days = (e: KnownEvent) => trends.data?.items.find((d) => d.type === e.type && (d.name ?? '') === (e.name ?? ''))?.days
  return (
    <>
      <div className="filters">
        <TextInput className="wide" label={t('find')} type="search" leftSection={<IconSearch size={16} />} placeholder={t('events.find')} value={get('q')} onChange={(e) => set({ q: e.currentTarget.value })} />
        <Switch className="auto" pb={8} label={t('events.all')} checked={all} onChange={(e) => set({ all: e.currentTarget.checked ? '1' : null })} />
      </div>
      <div className="panel">
        <Await query={useCatalogue()} lines={8}>{({ items }) => {
          const oldest = Math.min(...items.map((e) => Date.parse(e.first ?? '')))
          const rows = items.filter((e) => all || sent.includes(e.type)).filter((e) => !q || `${e.type} ${e.name ?? ''} ${e.properties.map((p) => p.name).join(' ')}`.toLowerCase().includes(q))
          if (!rows.length) return <Empty title={q ? t('events.noFit') : t('events.none')}>{t('events.teach')}</Empty>
          return (
            <DataTable caption={t('tab.events')} rows={rows} rowKey={(e) => `${e.type}/${e.name ?? ''}`} columns={[
              { name: t('events.event'), lead: true, cell: (e) => <span className="row wrap" style={{ gap: 8 }}><b style={{ fontWeight: 550 }}>{e.name || eventTypeText(e.type)}</b>{isNew(e, now, oldest) && <Pill tone="accent">{t('events.new')}</Pill>}</span> },
              { name: t('events.type'), kind: 'fit', cell: (e) => <span className="soft">{eventTypeText(e.type)}</span> },
              { name: t('events.properties'), cell: (e) => <Properties e={e} /> },
              { name: t('events.trend'), kind: 'fit', wide: true, cell: (e) => { const d = days(e); return d ? <Spark days={d} label={t('events.trendOf', { count: d.reduce((n, x) => n + x, 0) })} /> : <span className="soft">–</span> } },
              { name: t('events.count'), kind: 'number', cell: (e) => count(e.count) },
              { name: t('events.first'), kind: 'fit', cell: (e) => <When at={e.first} /> },
              { name: t('events.last'), kind: 'fit', cell: (e) => <When at={e.last} /> },
            ]} />
          )
        }}</Await>
      </div>
    </>
  )
}

/** New: first seen within a day, in a catalogue that is older than that. */
export function isNew(e: { first?: string | null }, now: number, oldest: number): boolean {
  return now - Date.parse(e.first ?? '') < day && now - oldest > 2 * day
}

function Properties({ e }: { e: KnownEvent }) {
  const [open, setOpen] = useState(false)
  if (!e.properties.length) return <span className="soft">{t('none')}</span>
  if (!open) return <UnstyledButton className="small above" aria-expanded={false} onClick={() => setOpen(true)} style={{ color: 'var(--accent)' }}>{t('events.some', { count: e.properties.length })}</UnstyledButton>
  return (
    <div>
      <UnstyledButton className="small above" aria-expanded onClick={() => setOpen(false)} style={{ color: 'var(--accent)' }}>{t('close')}</UnstyledButton>
      <ul className="small" style={{ marginTop: 4 }}>{e.properties.map((p) => <li key={p.name}><code>{p.name}</code> <span className="soft">{p.kind}, {percent(p.share)}</span></li>)}</ul>
    </div>
  )
}
