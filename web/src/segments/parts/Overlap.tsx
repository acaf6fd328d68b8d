import { MultiSelect } from '@mantine/core'
import { Link } from 'react-router'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import { readable } from '../../words/words'
import { useOverlap, useSegments } from '../queries'
import { called, Picture } from './Picture'
import { ruleOf, upset, type Part } from './upset'
import './overlap.css'

const t = words('segments')

/** How two to six segments overlap. */
export function Overlap({ with: fixed }: { with?: string }) {
  const [get, set] = useFilters()
  const all = useSegments().data?.items ?? []
  const titleOf = (name: string) => all.find((s) => s.name === name)?.title || readable(name)
  const chosen = get('overlap').split(',').filter((n) => n && n !== fixed && all.some((s) => s.name === n))
  const names = [...(fixed ? [fixed] : []), ...chosen].slice(0, 6)
  const overlap = useOverlap(names)
  if (all.length < 2) return null
  return (
    <Panel title={t('overlap')}>
      <div className="stack">
        <MultiSelect label={fixed ? t('overlap.with', { name: titleOf(fixed) }) : t('overlap.choose')} placeholder={chosen.length ? undefined : t('overlap.placeholder')} maw={620} searchable clearable maxValues={fixed ? 5 : 6}
          data={all.filter((s) => s.name !== fixed).map((s) => ({ value: s.name, label: s.title || readable(s.name) }))} value={chosen} onChange={(v) => set({ overlap: v.join(',') })} />
        {names.length > 1 && <Await query={overlap} lines={5}>{(o) => (
          <>
            {!o.exact && <p className="soft small">{t('overlap.estimate', { count: o.asked ?? 0, within: o.within ?? 0 })}</p>}
            <Combinations names={o.segments} parts={o.parts} titleOf={titleOf} />
          </>
        )}</Await>}
      </div>
    </Panel>
  )
}

/** The picture, and the same as a table, in which each number leads to its people. */
function Combinations({ names, parts, titleOf }: { names: string[]; parts: Part[]; titleOf: (name: string) => string }) {
  const may = useMay()
  const drawn = upset(names, parts)
  if (!drawn.lines.length) return <p className="soft">{t('overlap.nobody')}</p>
  return (
    <div className="overlap-both">
      <Picture drawn={drawn} titleOf={titleOf} />
      <DataTable caption={t('overlap.caption')} rows={drawn.lines} rowKey={(l) => l.key} columns={[
        { name: t('overlap.who'), lead: true, cell: (l) => <span>{l.at.map((i) => <i key={i} className="set-dot" style={{ background: `var(--set-${i + 1})` }} aria-hidden="true" />)}{called(l, titleOf)}</span> },
        { name: t('overlap.people'), kind: 'number', cell: (l) => (may('people:read') ? <Link to={`/people?${new URLSearchParams({ rule: ruleOf(names, l) }).toString()}`}>{count(l.people)}</Link> : count(l.people)) },
        { name: t('overlap.share'), kind: 'number', cell: (l) => percent(l.share) },
      ]} />
    </div>
  )
}
