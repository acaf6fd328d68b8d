import { Button } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useParams } from 'react-router'
import { useMay } from '../api/session'
import { PeopleTable } from '../people/PeoplePage'
import { useBrand } from '../shell/Shell'
import { Bars } from '../ui/Bars'
import { Snippet } from '../ui/Copy'
import { More } from '../ui/More'
import { Figures, Page, Panel } from '../ui/Page'
import { Await, Empty } from '../ui/State'
import { useFilters } from '../ui/useParams'
import { When } from '../ui/When'
import { locale, words } from '../words/i18n'
import { count } from '../words/numbers'
import { readable } from '../words/words'
import { Overlap } from './parts/Overlap'
import { ruleText } from './parts/ruleText'
import { SegmentEditor } from './parts/SegmentEditor'
import { useMembers, useSegment, useSizes, type Segment } from './queries'
import { Progress } from './SegmentsPage'

const t = words('segments')

export default function SegmentPage() {
  const { name = '' } = useParams()
  const may = useMay()
  const [get, set] = useFilters()
  const segment = useSegment(name)
  const s = segment.data
  const title = s?.title || readable(name)
  const editing = get('edit') !== '' && may('specs:write')
  return (
    <Page title={s ? <span className="row wrap" style={{ gap: 12 }}>{title}<Progress s={s} /></span> : title} name={title} crumb={{ to: '/segments', text: t('title') }}
      lead={s && <>{s.made_by ? t('version-by', { name: s.name, version: s.version, by: s.made_by }) : t('version', { name: s.name, version: s.version })}, <When at={s.made_at} long /></>}
      actions={s && may('specs:write') && !editing && <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => set({ edit: '1' })}>{t('edit')}</Button>}>
      <Await query={segment} lines={8}>{(one) => (
        <div className="stack loose">
          {editing && <SegmentEditor key={name} name={name} onClose={() => set({ edit: null })} />}
          <Whole s={one} />
        </div>
      )}</Await>
    </Page>
  )
}

function Whole({ s }: { s: Segment }) {
  const may = useMay()
  return (
    <>
      <Figures items={[{ label: t('people-now'), value: count(s.people) }, { label: t('came'), value: count(s.entered_7d) }, { label: t('left'), value: count(s.left_7d) }]} />
      {s.note && <div className="note-box">{s.note}</div>}
      <div className="half">
        <Panel title={t('who')}><Snippet text={ruleText(s.rule)} label={t('rule')} wrap /></Panel>
        <Sizes name={s.name} />
      </div>
      <Overlap with={s.name} />
      {may('people:read') && <Members name={s.name} />}
    </>
  )
}

const dayOf = (at: string | null | undefined, year: boolean) => new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', year: year ? 'numeric' : undefined, timeZone: 'UTC' }).format(Date.parse(at ?? ''))

/** One point a day, as far back as Heed has counted. */
function Sizes({ name }: { name: string }) {
  return (
    <Panel title={t('sizes')}>
      <Await query={useSizes(name)} lines={4}>{({ items }) => items.length > 1
        ? <Bars bars={items.map((p) => ({ label: dayOf(p.day, false), value: p.people, note: dayOf(p.day, true) }))} unit={t('people')} height={120} every={Math.max(1, Math.ceil(items.length / 6))} />
        : <Empty title={t('sizes.none')}>{t('sizes.none-about')}</Empty>}</Await>
    </Panel>
  )
}

function Members({ name }: { name: string }) {
  const brand = useBrand()
  return (
    <Panel flush title={t('members')}>
      <More query={useMembers(name)} empty={<Empty title={t('members.none')}>{t('members.none-about')}</Empty>}>
        {(rows) => <PeopleTable rows={rows.map((m) => m.person)} currency={brand.data?.currency} />}
      </More>
    </Panel>
  )
}
