import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../../api/session'
import { Panel } from '../../ui/Page'
import { words } from '../../words/i18n'
import { brief, count } from '../../words/numbers'
import { stageText } from '../../words/words'
import { flow, type Side, type Span } from '../flow'
import type { Overview } from '../queries'
import './flow.css'

const t = words('home')

/** Who went from which stage to which, as bands as broad as there were people. */
export function Flow({ o }: { o: Overview }) {
  const [span, setSpan] = useState<Span>('today')
  const drawn = flow(o.moves, span, o.stages.map((s) => s.key))
  const name = (key: string) => (key ? stageText(key) : t('flow.nowhere'))
  return (
    <Panel title={t('flow')} aside={<SegmentedControl size="xs" value={span} onChange={(v) => setSpan(v as Span)} data={[{ value: 'today', label: t('flow.today') }, { value: 'week', label: t('flow.week') }]} aria-label={t('flow.when')} />}>
      {drawn.bands.length === 0 ? <p className="soft">{t(span === 'today' ? 'flow.none-today' : 'flow.none-week')}</p> : (
        <>
          <div className="flow" style={{ height: drawn.height }} aria-hidden="true">
            <Column sides={drawn.left} name={name} />
            <svg viewBox={`0 0 100 ${drawn.height}`} preserveAspectRatio="none" height={drawn.height}>
              {drawn.bands.map((b) => (
                <path key={`${b.from} ${b.to}`} className={b.up ? 'flow-band up' : 'flow-band down'} strokeWidth={b.w} d={`M0 ${b.y0} C 45 ${b.y0}, 55 ${b.y1}, 100 ${b.y1}`}>
                  <title>{t('flow.one', { from: name(b.from), to: name(b.to), n: count(b.n) })}</title>
                </path>
              ))}
            </svg>
            <Column sides={drawn.right} name={name} end />
          </div>
          <ul className="sr">{drawn.bands.map((b) => <li key={`${b.from} ${b.to}`}>{t('flow.one', { from: name(b.from), to: name(b.to), n: count(b.n) })}</li>)}</ul>
        </>
      )}
    </Panel>
  )
}

function Column({ sides, name, end }: { sides: Side[]; name: (key: string) => string; end?: boolean }) {
  const may = useMay()
  return (
    <div className={end ? 'flow-side end' : 'flow-side'}>
      {sides.map((s) => (
        <div key={s.key} style={{ top: s.y, height: s.h }}>
          <span className="num">{brief(s.n)}</span>
          {s.key && may('people:read') ? <Link to={`/people?stage=${encodeURIComponent(s.key)}`} className="cut" tabIndex={-1}>{name(s.key)}</Link> : <span className="cut soft">{name(s.key)}</span>}
        </div>
      ))}
    </div>
  )
}
