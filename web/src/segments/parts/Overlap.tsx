import { MultiSelect } from '@mantine/core'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { readable } from '../../words/words'
import { useOverlap, useSegments } from '../queries'
import './overlap.css'

const t = words('segments')

/** How segments overlap: one column for each combination that somebody is in, with as many people as its bar is high. */
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
        {names.length > 1 && <Await query={overlap} lines={5}>{(o) => <Combinations names={o.segments} parts={o.parts} titleOf={titleOf} />}</Await>}
      </div>
    </Panel>
  )
}

function Combinations({ names, parts, titleOf }: { names: string[]; parts: { in: string[]; people: number }[]; titleOf: (name: string) => string }) {
  const shown = parts.slice(0, 16)
  const top = Math.max(1, ...shown.map((p) => p.people))
  const all = names.map((n) => parts.filter((p) => p.in.includes(n)).reduce((sum, p) => sum + p.people, 0))
  if (!parts.length) return <p className="soft">{t('overlap.nobody')}</p>
  return (
    <div className="overlap" tabIndex={0} role="region" aria-label={t('overlap')}>
      <table>
        <caption className="sr">{t('overlap.caption')}</caption>
        <thead>
          <tr>
            <th scope="col"><span className="sr">{t('column.segment')}</span></th>
            {shown.map((p, i) => (
              <th key={i} scope="col" className="column">
                <span className="num">{count(p.people)}</span>
                <span className="bar" style={{ height: `${Math.max(3, (p.people / top) * 96)}px` }} aria-hidden="true" />
                <span className="sr">{p.in.length === 1 ? t('overlap.only', { name: titleOf(p.in[0]) }) : p.in.map(titleOf).join(' + ')}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((n, i) => (
            <tr key={n}>
              <th scope="row"><span className="cut">{titleOf(n)}</span> <span className="soft num">{count(all[i])}</span></th>
              {shown.map((p, k) => {
                const rows = names.map((x, at) => (p.in.includes(x) ? at : -1)).filter((at) => at >= 0)
                const inside = p.in.includes(n)
                const line = i > rows[0] && i <= rows[rows.length - 1]
                return <td key={k} className={line ? 'line' : undefined}><span className={inside ? 'mark in' : 'mark'} aria-hidden="true" /><span className="sr">{inside ? t('overlap.in') : t('overlap.out')}</span></td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
