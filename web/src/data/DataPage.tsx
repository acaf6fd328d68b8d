import { Navigate, useParams } from 'react-router'
import { useMay, type Permission } from '../api/session'
import { Page } from '../ui/Page'
import { TabLinks } from '../ui/TabLinks'
import { words } from '../words/i18n'
import { Catalogue } from './parts/Catalogue'
import { DeadLetters } from './parts/DeadLetters'
import { Deliverability } from './parts/Deliverability'
import { Exports } from './parts/Exports'
import { Imports } from './parts/Imports'
import { Reviews } from './parts/Reviews'
import { Sources } from './parts/Sources'
import { Suppressions } from './parts/Suppressions'
import { Webhooks } from './parts/Webhooks'

const t = words('data')

const tabs: { key: string; need: Permission; show: () => React.ReactNode }[] = [
  { key: 'sources', need: 'specs:read', show: () => <Sources /> },
  { key: 'events', need: 'stats:read', show: () => <Catalogue /> },
  { key: 'imports', need: 'stats:read', show: () => <Imports /> },
  { key: 'exports', need: 'data:export', show: () => <Exports /> },
  { key: 'dead-letters', need: 'data:manage', show: () => <DeadLetters /> },
  { key: 'suppressions', need: 'people:read', show: () => <Suppressions /> },
  { key: 'webhooks', need: 'people:read', show: () => <Webhooks /> },
  { key: 'deliverability', need: 'specs:read', show: () => <Deliverability /> },
  { key: 'reviews', need: 'people:read', show: () => <Reviews /> },
]

export default function DataPage() {
  const { tab = 'sources' } = useParams()
  const may = useMay()
  const shown = tabs.filter((one) => may(one.need))
  const here = shown.find((one) => one.key === tab)
  if (!here) return <Navigate to={`/data/${shown[0]?.key ?? 'sources'}`} replace />
  return (
    <Page title={t('title')} name={`${t(`tab.${here.key}`)} · ${t('title')}`} lead={t('lead')}>
      <TabLinks label={t('title')} tabs={shown.map((one) => ({ to: `/data/${one.key}`, text: t(`tab.${one.key}`), here: one === here }))} />
      {here.show()}
    </Page>
  )
}
