import { Select } from '@mantine/core'
import { More } from '../../ui/More'
import { Panel } from '../../ui/Page'
import { Empty } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { words } from '../../words/i18n'
import { outcomeText } from '../../words/words'
import { describe, type NodeDoc } from '../design'
import { useRuns } from '../queries'
import { RunTable } from './RunTable'

const t = words('journeys')

/** The people in a journey, and those who were. */
export function Runs({ name, nodes }: { name: string; nodes: NodeDoc[] }) {
  const [get, set] = useFilters()
  const filter = { node: get('node'), status: get('status') }
  const at = nodes.find((n) => n.id === filter.node)
  return (
    <Panel flush title={filter.node ? t('runs.at', { node: at ? describe(at).what : filter.node }) : t('runs.title')}>
      <div className="filters" role="search" aria-label={t('runs.filter')} style={{ padding: '0 16px', marginBottom: 6 }}>
        <Select label={t('runs.node')} placeholder={t('runs.any')} data={nodes.map((n) => ({ value: n.id, label: describe(n).what }))} value={filter.node || null} onChange={(v) => set({ node: v })} clearable searchable />
        <Select label={t('runs.state')} placeholder={t('runs.any')} data={['active', 'paused', 'finished', 'exited'].map((s) => ({ value: s, label: outcomeText(s) }))} value={filter.status || null} onChange={(v) => set({ status: v })} clearable />
      </div>
      <More query={useRuns(name, filter)} empty={<Empty title={t('runs.nobody')}>{filter.node || filter.status ? t('runs.nobody-filtered') : t('runs.nobody-about')}</Empty>}>
        {(rows) => <RunTable rows={rows} of="person" />}
      </More>
    </Panel>
  )
}
