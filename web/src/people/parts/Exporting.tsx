import { Button, Menu } from '@mantine/core'
import { IconDownload, IconFileSpreadsheet, IconFileText, IconTable } from '@tabler/icons-react'
import { Link } from 'react-router'
import { api, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'

const t = words('people')

type Asked = Omit<Schemas['NewExport'], 'what' | 'format'>

/** Asks for what the list shows as a file; it is written in the background. */
export function Exporting({ what, asked, disabled }: { what: Schemas['NewExport']['what']; asked: Asked; disabled?: boolean }) {
  const may = useMay()
  const act = useAct({
    done: t('export.begun'), touches: [['exports']],
    run: (format: Schemas['NewExport']['format']) => must(api.POST('/api/v1/exports', { body: { ...asked, what, format } })),
  })
  if (!may('data:export')) return null
  return (
    <Menu position="bottom-end">
      <Menu.Target><Button variant="default" leftSection={<IconDownload size={16} />} loading={act.isPending} disabled={disabled}>{t('export')}</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconFileSpreadsheet size={16} />} onClick={() => act.mutate('csv')}>CSV</Menu.Item>
        <Menu.Item leftSection={<IconFileText size={16} />} onClick={() => act.mutate('ndjson')}>NDJSON</Menu.Item>
        <Menu.Item leftSection={<IconTable size={16} />} onClick={() => act.mutate('parquet')}>Parquet</Menu.Item>
        <Menu.Divider />
        <Menu.Item component={Link} to="/data/exports">{t('export.all')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
