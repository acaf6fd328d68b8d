import { useParams, Navigate } from 'react-router'
import { useMay, useSession, type Permission } from '../api/session'
import { Page } from '../ui/Page'
import { TabLinks } from '../ui/TabLinks'
import { Audit } from './parts/Audit'
import { Configuration } from './parts/Configuration'
import { Keys } from './parts/Keys'
import { Password } from './parts/Password'
import { Users } from './parts/Users'

const tabs: { key: string; text: string; need?: Permission; show: () => React.ReactNode }[] = [
  { key: 'configuration', text: 'Configuration', need: 'specs:read', show: () => <Configuration /> },
  { key: 'keys', text: 'Keys', need: 'keys:manage', show: () => <Keys /> },
  { key: 'users', text: 'Users', need: 'users:manage', show: () => <Users /> },
  { key: 'audit', text: 'Audit log', need: 'audit:read', show: () => <Audit /> },
  { key: 'password', text: 'My password', show: () => <Password /> },
]

export default function SettingsPage() {
  const { tab = 'configuration' } = useParams()
  const may = useMay()
  const { data: me } = useSession()
  const shown = tabs.filter((t) => (!t.need || may(t.need)) && (t.key !== 'password' || me?.via === 'user'))
  const here = shown.find((t) => t.key === tab)
  if (!here) return <Navigate to={`/settings/${shown[0].key}`} replace />
  return (
    <Page title="Settings" name={`${here.text} · Settings`} lead="What the brand has configured, who may do what, and who did it.">
      <TabLinks label="Settings" tabs={shown.map((t) => ({ to: `/settings/${t.key}`, text: t.text, here: t === here }))} />
      {here.show()}
    </Page>
  )
}
