import { Button, Modal } from '@mantine/core'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../../api/session'
import { Connect } from '../../setup/parts/Connect'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { words } from '../../words/i18n'
import { channelText, departmentText, readable } from '../../words/words'
import { useSources, type Source } from '../queries'

const t = words('setup')

export function Sources() {
  const may = useMay()
  const [chosen, setChosen] = useState<Source | null>(null)
  const add = may('specs:write') && may('data:manage') && <Button component={Link} to="/settings/configuration?new=source" variant="default" leftSection={<IconPlus size={16} />}>{t('sources.new')}</Button>
  return (
    <div className="stack">
      {add && <div className="row" style={{ justifyContent: 'flex-end' }}>{add}</div>}
      <div className="panel">
        <Await query={useSources()}>{({ items }) => items.length ? (
          <DataTable caption={t('sources')} rows={items} rowKey={(s) => s.name} columns={[
            { name: t('sources.source'), lead: true, cell: (s) => <><b style={{ fontWeight: 550 }}>{s.title || readable(s.name)}</b><div className="soft small">{s.name}{!s.configured && ` · ${t('sources.no-document')}`}</div></> },
            { name: t('sources.touchpoint'), cell: (s) => s.touchpoint || '–' },
            { name: t('sources.channel'), cell: (s) => (s.channel ? channelText(s.channel) : '–') },
            { name: t('sources.who'), wide: true, cell: (s) => (s.direction === 'outbound' ? t('sources.we') : t('sources.they')) },
            { name: t('sources.department'), cell: (s) => (s.department ? departmentText(s.department) : '–') },
            { name: t('sources.keys'), kind: 'fit', cell: (s) => (s.keys ? <Pill tone="good">{t('sources.has-keys', { count: s.keys })}</Pill> : <Pill tone="wait">{t('sources.no-keys')}</Pill>) },
            { name: '', kind: 'fit', beside: true, cell: (s) => <Button size="compact-sm" variant="light" leftSection={<IconPlugConnected size={14} />} onClick={() => setChosen(s)} aria-label={t('sources.connect-name', { name: s.title || s.name })}>{t('sources.connect')}</Button> },
          ]} />
        ) : <Empty title={t('sources.none')} action={add}>{t('sources.none-about')}</Empty>}</Await>
      </div>
      <Modal opened={!!chosen} onClose={() => setChosen(null)} title={t('sources.connect-name', { name: chosen?.title || chosen?.name || '' })} size="xl">
        {chosen && <Connect name={chosen.name} title={chosen.title || chosen.name} />}
      </Modal>
    </div>
  )
}
