import { Button, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { Await } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import type { Design } from '../design'
import { useVersions } from '../queries'
import { Diff } from './Diff'

const t = words('journeys')
/** Every version, who is still inside, and what differs between two of them. */
export function Versions({ name, onRestore, onMigrate }: { name: string; onRestore: (d: Design) => void; onMigrate: () => void }) {
  const may = useMay()
  const [get, set] = useFilters()
  const versions = useVersions(name)
  const inside = useQuery({ queryKey: ['journeys', name, 'inside'], queryFn: () => must(api.GET('/api/v1/journeys/{name}/inside', { params: { path: { name } } })) }).data?.items ?? []
  return (
    <Await query={versions} lines={8}>{({ items }) => {
      const newest = items[0]
      const of = (n: string, fallback: number) => items.find((v) => String(v.version) === n) ?? items[Math.min(fallback, items.length - 1)]
      const newer = of(get('to'), 0)
      const older = of(get('from'), 1)
      const late = inside.filter((v) => v.version !== newest.version).reduce((sum, v) => sum + v.runs, 0)
      return (
        <div className="stack loose">
          {late > 0 && may('specs:write') && (
            <div className="note-box row between wrap">
              <span>{t('versions.late', { count: late })}</span>
              <Button size="compact-md" variant="default" onClick={onMigrate}>{t('versions.migrate')}</Button>
            </div>
          )}
          <Panel flush title={t('versions')}>
            <DataTable caption={t('versions')} rows={items} rowKey={(v) => String(v.version)} columns={[
              { name: t('column.version'), lead: true, cell: (v) => <span className="row"><b>{v.version}</b>{v.version === newest.version && <Pill tone="good">{t('versions.in-force')}</Pill>}{(v.body as Design).paused && <Pill tone="wait">{t('paused')}</Pill>}</span> },
              { name: t('versions.inside'), kind: 'number', cell: (v) => count(inside.find((i) => i.version === v.version)?.runs ?? 0) },
              { name: t('versions.by'), cell: (v) => v.made_by ?? '–' },
              { name: t('versions.when'), kind: 'fit', cell: (v) => <When at={v.made_at} /> },
              { name: '', kind: 'fit', cell: (v) => (
                <span className="row">
                  {v.version !== newest.version && <Button size="compact-xs" variant="default" onClick={() => set({ from: String(v.version), to: String(newest.version) })}>{t('versions.compare')}</Button>}
                  {v.version !== newest.version && may('specs:write') && <Button size="compact-xs" variant="default" onClick={() => onRestore(v.body as Design)}>{t('versions.restore')}</Button>}
                </span>
              ) },
            ]} />
          </Panel>
          {items.length > 1 && (
            <Panel flush title={t('diff')} aside={(
              <div className="row wrap">
                <Select size="xs" w={130} aria-label={t('diff.from')} data={items.map((v) => ({ value: String(v.version), label: t('diff.version', { version: v.version }) }))} value={String(older.version)} onChange={(v) => set({ from: v })} allowDeselect={false} />
                <span aria-hidden="true">→</span>
                <Select size="xs" w={130} aria-label={t('diff.to')} data={items.map((v) => ({ value: String(v.version), label: t('diff.version', { version: v.version }) }))} value={String(newer.version)} onChange={(v) => set({ to: v })} allowDeselect={false} />
              </div>
            )}>
              <Diff older={older.body as Design} newer={newer.body as Design} />
            </Panel>
          )}
        </div>
      )
    }}</Await>
  )
}
