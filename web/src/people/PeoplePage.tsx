import { Button, Checkbox, Popover, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback, useLocalStorage } from '@mantine/hooks'
import { IconColumns3, IconFilterCode, IconSearch } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Link } from 'react-router'
import { useBrand } from '../shell/Shell'
import { DataTable } from '../ui/DataTable'
import { Page } from '../ui/Page'
import { Empty, Loading } from '../ui/State'
import { useFilters } from '../ui/useParams'
import { words } from '../words/i18n'
import { stageText } from '../words/words'
import { columnNames, peopleColumns, standard, type ColumnName } from './parts/columns'
import { Exporting } from './parts/Exporting'
import { SavedViews } from './parts/SavedViews'
import { useStages } from './parts/stages'
import { VirtualPeople } from './parts/VirtualPeople'
import { usePeople, useSpecNames, type PersonSummary } from './queries'

const t = words('people')

// The builder is heavy: it loads when somebody filters by rule.
const RuleFilter = lazy(() => import('./parts/RuleFilter'))

export default function PeoplePage() {
  const [get, set] = useFilters()
  const filter = { q: get('q'), stage: get('stage'), segment: get('segment'), rule: get('rule') }
  const people = usePeople(filter)
  const segments = useSpecNames('segment')
  const stages = useStages()
  const brand = useBrand()
  const [text, setText] = useState(filter.q)
  const [byRule, setByRule] = useState(!!filter.rule)
  const [kept, keep] = useLocalStorage<ColumnName[]>({ key: 'heed-people-columns', defaultValue: standard })
  const inLink = get('columns').split(',').filter((c): c is ColumnName => columnNames.includes(c as ColumnName))
  const chosen = inLink.length ? inLink : kept
  const choose = (names: ColumnName[]) => {
    keep(names)
    set({ columns: names.join() === standard.join() ? null : names.join() })
  }
  useEffect(() => setText(filter.q), [filter.q])
  const search = useDebouncedCallback((q: string) => set({ q: q.trim(), stage: null, segment: null, rule: null }), 220)
  const filtered = filter.q || filter.stage || filter.segment || filter.rule

  return (
    <Page title={t('title')} lead={t('lead')}
      actions={<>
        <SavedViews page="people" />
        <Columns chosen={chosen} onChoose={choose} />
        <Exporting what="people" disabled={!!filter.q} asked={{ rule: filter.rule || undefined, segment: filter.segment || undefined, stage: filter.stage || undefined }} />
      </>}>
      <div className="filters">
        <TextInput className="wide" type="search" maxLength={100} label={t('find')} placeholder="Ann, ann@example.com, +351…, W-00205-1" leftSection={<IconSearch size={16} />} value={text}
          onChange={(e) => { setText(e.currentTarget.value); search(e.currentTarget.value) }} autoFocus />
        <Select label={t('segment')} placeholder={t('any')} data={segments.data ?? []} value={filter.segment || null} onChange={(v) => set({ segment: v, q: null, rule: null })} clearable searchable />
        {stages.length > 0 && <Select label={t('stage')} placeholder={t('any')} data={stages.map((s) => ({ value: s, label: stageText(s) }))} value={filter.stage || null} onChange={(v) => set({ stage: v, q: null, rule: null })} clearable />}
        <Button className="auto" variant={byRule ? 'light' : 'default'} leftSection={<IconFilterCode size={16} />} aria-expanded={byRule} onClick={() => setByRule(!byRule)}>{t('byRule')}</Button>
      </div>
      {byRule && <Suspense fallback={<Loading lines={3} />}><RuleFilter rule={filter.rule} onRule={(rule) => set({ rule, q: null, stage: null, segment: null })} /></Suspense>}
      <div className="panel">
        <VirtualPeople key={JSON.stringify(filter)} query={people} columns={peopleColumns(chosen, brand.data?.currency)} empty={filtered
          ? <Empty title={t('nobodyFits')} action={<Button variant="default" onClick={() => { setText(''); set({ q: null, stage: null, segment: null, rule: null }) }}>{t('showEveryone')}</Button>}>{t('nobodyFitsText')}</Empty>
          : <Empty title={t('nobody')} action={<Button component={Link} to="/data/sources" variant="default">{t('connect')}</Button>}>{t('nobodyText')}</Empty>} />
      </div>
    </Page>
  )
}

function Columns({ chosen, onChoose }: { chosen: ColumnName[]; onChoose: (names: ColumnName[]) => void }) {
  return (
    <Popover position="bottom-end" withArrow={false} trapFocus returnFocus>
      <Popover.Target><Button variant="default" leftSection={<IconColumns3 size={16} />}>{t('columns')}</Button></Popover.Target>
      <Popover.Dropdown>
        <fieldset className="stack" style={{ border: 0, padding: 0, margin: 0 }}>
          <legend className="sr">{t('columns')}</legend>
          {columnNames.map((name) => <Checkbox key={name} label={t(`column.${name}`)} checked={name === 'name' || chosen.includes(name)} disabled={name === 'name'} onChange={() => onChoose(columnNames.filter((c) => (c === name ? !chosen.includes(c) : chosen.includes(c))))} />)}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  )
}

/** A short list of people, such as a sample. */
export function PeopleTable({ rows, currency }: { rows: PersonSummary[]; currency?: string }) {
  return <DataTable caption={t('title')} rows={rows} rowKey={(p) => p.id} columns={peopleColumns(standard, currency)} />
}
