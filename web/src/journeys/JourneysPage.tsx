import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import { DataTable } from '../ui/DataTable'
import { fresh } from '../ui/fresh'
import { Page } from '../ui/Page'
import { Pill } from '../ui/Pill'
import { Await, Empty } from '../ui/State'
import { When } from '../ui/When'
import { words } from '../words/i18n'
import { count } from '../words/numbers'
import { readable } from '../words/words'
import { useJourneys } from './queries'

const t = words('journeys')

export default function JourneysPage() {
  const may = useMay()
  const add = may('specs:write') && <Button component={Link} to={`/journeys/${fresh}`} leftSection={<IconPlus size={16} />}>{t('new')}</Button>
  return (
    <Page title={t('title')} lead={t('lead')} actions={add}>
      <div className="panel">
        <Await query={useJourneys()} lines={6}>{({ items }) => items.length ? (
          <DataTable caption={t('title')} rows={items} rowKey={(j) => j.name} columns={[
            { name: t('column.journey'), lead: true, cell: (j) => <><Link className="cover" to={`/journeys/${j.name}`}>{j.title || readable(j.name)}</Link><div className="soft small">{j.name}</div></> },
            { name: t('column.state'), kind: 'fit', beside: true, cell: (j) => <Pill tone={j.paused ? 'wait' : 'good'}>{j.paused ? t('paused') : t('running')}</Pill> },
            { name: t('figures.active'), kind: 'number', cell: (j) => count(j.active) },
            { name: t('figures.finished'), kind: 'number', cell: (j) => count(j.finished) },
            { name: t('figures.exited'), kind: 'number', wide: true, cell: (j) => count(j.exited) },
            { name: t('figures.reached'), kind: 'number', wide: true, cell: (j) => count(j.reached) },
            { name: t('column.version'), kind: 'number', wide: true, cell: (j) => j.version },
            { name: t('column.changed'), kind: 'fit', cell: (j) => <When at={j.made_at} /> },
          ]} />
        ) : <Empty title={t('empty')} action={add}>{t('empty-about')}</Empty>}</Await>
      </div>
    </Page>
  )
}
