import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link, Navigate, useParams } from 'react-router'
import { useMay } from '../api/session'
import { fresh } from '../ui/fresh'
import { Page } from '../ui/Page'
import { TabLinks } from '../ui/TabLinks'
import { words } from '../words/i18n'
import { Documents } from './parts/Documents'
import { Priorities } from './parts/Priorities'
import { Topics } from './parts/Topics'
import type { RuleKind } from './queries'

const t = words('rules')

export const tabs = ['purpose', 'topics', 'rule', 'quiet_hours', 'cap', 'priorities'] as const
const isKind = (tab: string): tab is RuleKind => tab === 'purpose' || tab === 'rule' || tab === 'quiet_hours' || tab === 'cap'

/** What the brand promises its customers: consent, relationship rules, quiet hours, caps, and who goes first. */
export default function RulesPage() {
  const { tab = 'rule' } = useParams()
  const may = useMay()
  const here = tabs.find((one) => one === tab)
  if (!here) return <Navigate to="/rules/rule" replace />
  return (
    <Page title={t('title')} name={`${t(`tab.${here}`)} · ${t('title')}`} lead={t('lead')}
      actions={isKind(here) && may('specs:write') && <Button leftSection={<IconPlus size={16} />} component={Link} to={`/rules/${here}/${fresh}`}>{t(`new.${here}`)}</Button>}>
      <TabLinks label={t('title')} tabs={tabs.map((one) => ({ to: `/rules/${one}`, text: t(`tab.${one}`), here: one === here }))} />
      {isKind(here) ? <Documents kind={here} key={here} /> : here === 'topics' ? <Topics /> : <Priorities />}
    </Page>
  )
}
