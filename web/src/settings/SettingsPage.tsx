import { useParams, Navigate } from 'react-router'
import { useMay, useSession, type Permission } from '../api/session'
import { Page } from '../ui/Page'
import { TabLinks } from '../ui/TabLinks'
import { Audit } from './parts/Audit'
import { Configuration } from './parts/Configuration'
import { Health } from './parts/Health'
import { Keys } from './parts/Keys'
import { Password } from './parts/Password'
import { Users } from './parts/Users'
import { words } from '../words/i18n'

const t = words('settings')

const tabs: { key: string; need?: Permission; show: () => React.ReactNode }[] = [
  { key: 'configuration', need: 'specs:read', show: () => <Configuration /> },
  { key: 'keys', need: 'keys:manage', show: () => <Keys /> },
  { key: 'users', need: 'users:manage', show: () => <Users /> },
  { key: 'health', need: 'stats:read', show: () => <Health /> },
  { key: 'audit', need: 'audit:read', show: () => <Audit /> },
  { key: 'password', show: () => <Password /> },
]

export default function SettingsPage() {
  const { tab = 'configuration' } = useParams()
  const may = useMay()
  const { data: me } = useSession()
  const shown = tabs.filter((one) => (!one.need || may(one.need)) && (one.key !== 'password' || me?.via === 'user'))
  const here = shown.find((one) => one.key === tab)
  if (!here) return <Navigate to={`/settings/${shown[0].key}`} replace />
  return (
    <Page title={t('title')} name={`${t(`tab.${here.key}`)} · ${t('title')}`} lead={t('lead')}>
      <TabLinks label={t('title')} tabs={shown.map((one) => ({ to: `/settings/${one.key}`, text: t(`tab.${one.key}`), here: one === here }))} />
      {here.show()}
    </Page>
  )
}
