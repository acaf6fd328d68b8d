import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import { DataTable } from '../ui/DataTable'
import { Page } from '../ui/Page'
import { Pill } from '../ui/Pill'
import { Await, Empty } from '../ui/State'
import { When } from '../ui/When'
import { count } from '../words/numbers'
import { readable } from '../words/words'
import { useJourneys } from './queries'

export default function JourneysPage() {
  const may = useMay()
  const add = may('specs:write') && <Button component={Link} to="/settings/configuration?new=journey" leftSection={<IconPlus size={16} />}>New journey</Button>
  return (
    <Page title="Journeys" lead="What each customer goes through by itself: what starts it, what it waits for, what it says." actions={add}>
      <div className="panel">
        <Await query={useJourneys()} lines={6}>{({ items }) => items.length ? (
          <DataTable caption="Journeys" rows={items} rowKey={(j) => j.name} columns={[
            { name: 'Journey', lead: true, cell: (j) => <><Link className="cover" to={`/journeys/${j.name}`}>{j.title || readable(j.name)}</Link><div className="soft small">{j.name}</div></> },
            { name: 'State', kind: 'fit', beside: true, cell: (j) => <Pill tone={j.paused ? 'wait' : 'good'}>{j.paused ? 'Paused' : 'Running'}</Pill> },
            { name: 'Under way', kind: 'number', cell: (j) => count(j.active) },
            { name: 'Finished', kind: 'number', cell: (j) => count(j.finished) },
            { name: 'Left early', kind: 'number', wide: true, cell: (j) => count(j.exited) },
            { name: 'Goal reached', kind: 'number', wide: true, cell: (j) => count(j.reached) },
            { name: 'Version', kind: 'number', wide: true, cell: (j) => j.version },
            { name: 'Changed', kind: 'fit', cell: (j) => <When at={j.made_at} /> },
          ]} />
        ) : <Empty title="No journeys yet" action={add}>A journey is a small document: what starts it, and the nodes that follow. Begin with a welcome for whoever raises their hand.</Empty>}</Await>
      </div>
    </Page>
  )
}
