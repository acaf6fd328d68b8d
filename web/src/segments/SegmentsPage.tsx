import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import { DataTable } from '../ui/DataTable'
import { Page } from '../ui/Page'
import { Pill } from '../ui/Pill'
import { Await, Empty } from '../ui/State'
import { useFilters } from '../ui/useParams'
import { words } from '../words/i18n'
import { count, percent } from '../words/numbers'
import { readable } from '../words/words'
import { Overlap } from './parts/Overlap'
import { ruleText } from './parts/ruleText'
import { SegmentEditor } from './parts/SegmentEditor'
import { useSegments, type Segment } from './queries'

const t = words('segments')

export default function SegmentsPage() {
  const may = useMay()
  const [get, set] = useFilters()
  const trying = get('try') !== '' && may('people:read')
  return (
    <Page title={t('title')} lead={t('lead')}
      actions={may('people:read') && !trying && <Button leftSection={<IconPlus size={16} />} onClick={() => set({ try: '1' })}>{may('specs:write') ? t('new') : t('try')}</Button>}>
      <div className="stack loose">
        {trying && <SegmentEditor onClose={() => set({ try: null })} />}
        <div className="panel">
          <Await query={useSegments()} lines={6}>{({ items }) => items.length ? <Table items={items} /> : (
            <Empty title={t('empty')}>{t('empty-about')}</Empty>
          )}</Await>
        </div>
        <Overlap />
      </div>
    </Page>
  )
}

function Table({ items }: { items: Segment[] }) {
  return (
    <DataTable caption={t('title')} rows={items} rowKey={(s) => s.name} columns={[
      { name: t('column.segment'), lead: true, cell: (s) => <><Link className="cover" to={`/segments/${s.name}`}>{s.title || readable(s.name)}</Link><div className="soft small">{s.name}</div></> },
      { name: t('column.rule'), wide: true, cell: (s) => <code className="soft">{ruleText(s.rule)}</code> },
      { name: t('column.state'), kind: 'fit', beside: true, cell: (s) => <Progress s={s} /> },
      { name: t('column.people'), kind: 'number', cell: (s) => <b>{count(s.people)}</b> },
      { name: t('column.came'), kind: 'number', cell: (s) => (s.entered_7d ? `+${count(s.entered_7d)}` : '–') },
      { name: t('column.left'), kind: 'number', cell: (s) => (s.left_7d ? `−${count(s.left_7d)}` : '–') },
    ]} />
  )
}

export function Progress({ s }: { s: Segment }) {
  return s.progress >= 1 ? <Pill tone="good">{t('live')}</Pill> : <Pill tone="wait">{s.progress > 0 ? t('building-part', { part: percent(s.progress) }) : t('building')}</Pill>
}
