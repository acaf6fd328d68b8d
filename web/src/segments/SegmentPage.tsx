import { Button } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'
import { useMay } from '../api/session'
import { ruleText } from '../journeys/design'
import { PeopleTable } from '../people/PeoplePage'
import { useBrand } from '../shell/Shell'
import { Snippet } from '../ui/Copy'
import { More } from '../ui/More'
import { Figures, Page, Panel } from '../ui/Page'
import { Await, Empty } from '../ui/State'
import { When } from '../ui/When'
import { count } from '../words/numbers'
import { readable } from '../words/words'
import { useMembers, useSegment, type Segment } from './queries'
import { Progress } from './SegmentsPage'

export default function SegmentPage() {
  const { name = '' } = useParams()
  const may = useMay()
  const segment = useSegment(name)
  const s = segment.data
  const title = s?.title || readable(name)
  return (
    <Page title={s ? <span className="row wrap" style={{ gap: 12 }}>{title}<Progress s={s} /></span> : title} name={title} crumb={{ to: '/segments', text: 'Segments' }}
      lead={s && <>{s.name}, version {s.version}{s.made_by && ` by ${s.made_by}`}, <When at={s.made_at} long /></>}
      actions={may('specs:write') && <Button variant="default" component={Link} to={`/settings/configuration?kind=segment&name=${name}`} leftSection={<IconPencil size={16} />}>Edit</Button>}>
      <Await query={segment} lines={8}>{(one) => <Whole s={one} />}</Await>
    </Page>
  )
}

function Whole({ s }: { s: Segment }) {
  const may = useMay()
  const text = ruleText(s.rule)
  return (
    <div className="stack loose">
      <Figures items={[{ label: 'People now', value: count(s.people) }, { label: 'Came in 7 days', value: count(s.entered_7d) }, { label: 'Left in 7 days', value: count(s.left_7d) }]} />
      {s.note && <div className="note-box">{s.note}</div>}
      <Panel title="Who belongs"><Snippet text={text} label="The rule" wrap /></Panel>
      {may('people:read') && <Members name={s.name} />}
    </div>
  )
}

function Members({ name }: { name: string }) {
  const brand = useBrand()
  return (
    <Panel flush title="People">
      <More query={useMembers(name)} empty={<Empty title="Nobody is in it right now">People enter as soon as the rule holds for them.</Empty>}>
        {(rows) => <PeopleTable rows={rows.map((m) => m.person)} currency={brand.data?.currency} />}
      </More>
    </Panel>
  )
}
