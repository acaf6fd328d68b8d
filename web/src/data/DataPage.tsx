import { Navigate, useParams } from 'react-router'
import { useMay, type Permission } from '../api/session'
import { Page } from '../ui/Page'
import { TabLinks } from '../ui/TabLinks'
import { Catalogue } from './parts/Catalogue'
import { DeadLetters } from './parts/DeadLetters'
import { Imports } from './parts/Imports'
import { Reviews } from './parts/Reviews'
import { Sources } from './parts/Sources'

const tabs: { key: string; text: string; need: Permission; show: () => React.ReactNode }[] = [
  { key: 'sources', text: 'Sources', need: 'specs:read', show: () => <Sources /> },
  { key: 'events', text: 'Event catalogue', need: 'stats:read', show: () => <Catalogue /> },
  { key: 'imports', text: 'Imports', need: 'stats:read', show: () => <Imports /> },
  { key: 'dead-letters', text: 'Dead letters', need: 'data:manage', show: () => <DeadLetters /> },
  { key: 'reviews', text: 'Who is who', need: 'people:read', show: () => <Reviews /> },
]

export default function DataPage() {
  const { tab = 'sources' } = useParams()
  const may = useMay()
  const shown = tabs.filter((t) => may(t.need))
  const here = shown.find((t) => t.key === tab)
  if (!here) return <Navigate to="/data/sources" replace />
  return (
    <Page title="Data" name={`${here.text} · Data`} lead="Where events come from, what they say, and what could not be taken.">
      <TabLinks label="Data" tabs={shown.map((t) => ({ to: `/data/${t.key}`, text: t.text, here: t === here }))} />
      {here.show()}
    </Page>
  )
}
