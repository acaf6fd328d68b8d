import { Button } from '@mantine/core'
import { DataTable } from '../../ui/DataTable'
import { Await } from '../../ui/State'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { useVersions, type Body } from '../queries'

const t = words('templates')

/** Every version that was saved; one can be taken up again. */
export function Versions({ name, current, onTake }: { name: string; current: number; onTake?: (body: Body) => void }) {
  return (
    <div className="panel">
      <Await query={useVersions(name, true)}>{({ items }) => (
        <DataTable caption={t('tab.versions')} rows={items} rowKey={(v) => String(v.version)} columns={[
          { name: t('version.column'), lead: true, cell: (v) => <>{t('version', { n: v.version })}{v.version === current && <span className="soft"> · {t('version.now')}</span>}</> },
          { name: t('by'), cell: (v) => v.made_by || '–' },
          { name: t('when'), kind: 'fit', cell: (v) => <When at={v.made_at} /> },
          { name: '', kind: 'fit', beside: true, cell: (v) => onTake && v.version !== current && !v.deleted && <Button size="compact-sm" variant="default" onClick={() => onTake(v.body as Body)}>{t('version.take')}</Button> },
        ]} />
      )}</Await>
    </div>
  )
}
