import { Link } from 'react-router'
import { useMay } from '../../api/session'
import { words } from '../../words/i18n'
import { brief, count } from '../../words/numbers'
import { stageText } from '../../words/words'
import type { Overview } from '../queries'
import './stages.css'

const t = words('home')

/** People by lifecycle stage, side by side in the ladder's order, and how many came into each today. */
export function Stages({ o }: { o: Pick<Overview, 'stages' | 'moved'> }) {
  const may = useMay()
  const top = Math.max(1, ...o.stages.map((s) => s.count))
  return (
    <ol className="ladder">
      {o.stages.map((s) => {
        const came = o.moved.find((m) => m.key === s.key)?.count ?? 0
        const name = s.key ? stageText(s.key) : t('no-stage')
        return (
          <li key={s.key}>
            <div className="ladder-bar" aria-hidden="true"><div style={{ height: `${Math.max(s.count ? 4 : 1, (s.count / top) * 100)}%` }} /></div>
            <div className="ladder-name">{may('people:read') ? <Link to={`/people?stage=${encodeURIComponent(s.key)}`} className="cut">{name}</Link> : <span className="cut">{name}</span>}</div>
            <div className="num" title={count(s.count)}>{brief(s.count)}</div>
            <div className={came ? 'num small ladder-came' : 'num small soft'}>{came ? t('came', { n: brief(came) }) : '–'}</div>
          </li>
        )
      })}
    </ol>
  )
}
