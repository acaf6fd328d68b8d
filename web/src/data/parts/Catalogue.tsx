import { Switch, TextInput, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { useNow, When } from '../../ui/When'
import { count, percent, plural } from '../../words/numbers'
import { readable } from '../../words/words'
import { useCatalogue, type KnownEvent } from '../queries'

const day = 86_400_000
const sent = ['track', 'identify', 'page', 'screen', 'group', 'alias']

export function Catalogue() {
  const [get, set] = useFilters()
  const now = useNow()
  const q = get('q').toLowerCase()
  const all = get('all') === '1'
  return (
    <>
      <div className="filters">
        <TextInput className="wide" label="Find" type="search" leftSection={<IconSearch size={16} />} placeholder="An event, a property" value={get('q')} onChange={(e) => set({ q: e.currentTarget.value })} />
        <Switch className="auto" pb={8} label="Also what Heed itself notes" checked={all} onChange={(e) => set({ all: e.currentTarget.checked ? '1' : null })} />
      </div>
      <div className="panel">
        <Await query={useCatalogue()} lines={8}>{({ items }) => {
          const oldest = Math.min(...items.map((e) => Date.parse(e.first ?? '')))
          const rows = items.filter((e) => all || sent.includes(e.type)).filter((e) => !q || `${e.type} ${e.name ?? ''} ${e.properties.map((p) => p.name).join(' ')}`.toLowerCase().includes(q))
          if (!rows.length) return <Empty title={q ? 'No event fits' : 'No events yet'}>Each kind of event that arrives is listed here, with what it carries.</Empty>
          return (
            <DataTable caption="Events" rows={rows} rowKey={(e) => `${e.type}/${e.name ?? ''}`} columns={[
              { name: 'Event', lead: true, cell: (e) => <span className="row wrap" style={{ gap: 8 }}><b style={{ fontWeight: 550 }}>{e.name || readable(e.type)}</b>{isNew(e, now, oldest) && <Pill tone="accent">New</Pill>}</span> },
              { name: 'Type', kind: 'fit', cell: (e) => <span className="soft">{readable(e.type)}</span> },
              { name: 'Properties', cell: (e) => <Properties e={e} /> },
              { name: 'Count', kind: 'number', cell: (e) => count(e.count) },
              { name: 'First', kind: 'fit', cell: (e) => <When at={e.first} /> },
              { name: 'Last', kind: 'fit', cell: (e) => <When at={e.last} /> },
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
  if (!e.properties.length) return <span className="soft">none</span>
  if (!open) return <UnstyledButton className="small above" aria-expanded={false} onClick={() => setOpen(true)} style={{ color: 'var(--accent)' }}>{plural(e.properties.length, 'property', 'properties')}</UnstyledButton>
  return (
    <div>
      <UnstyledButton className="small above" aria-expanded onClick={() => setOpen(false)} style={{ color: 'var(--accent)' }}>Close</UnstyledButton>
      <ul className="small" style={{ marginTop: 4 }}>{e.properties.map((p) => <li key={p.name}><code>{p.name}</code> <span className="soft">{p.kind}, {percent(p.share)}</span></li>)}</ul>
    </div>
  )
}
