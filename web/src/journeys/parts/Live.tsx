import { lazy, Suspense, useMemo } from 'react'
import { useMay } from '../../api/session'
import { Json } from '../../ui/Copy'
import { Figures, Panel } from '../../ui/Page'
import { Loading } from '../../ui/State'
import { useFilters } from '../../ui/useParams'
import { spanText } from '../../words/time'
import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import { endText } from '../../words/words'
import type { Mark } from '../canvas/Canvas'
import { ruleText, type Design } from '../design'
import type { JourneyDetail } from '../queries'
import { Holdout } from './Holdout'
import { Runs } from './Runs'

const t = words('journeys')
const Canvas = lazy(() => import('../canvas/Canvas'))

/** The journey at work: who stands where now, how many went on, where they were lost. */
export function Live({ detail: d }: { detail: JourneyDetail }) {
  const may = useMay()
  const [get, set] = useFilters()
  const design = d.body as Design
  const chosen = design.nodes?.find((n) => n.id === get('node'))
  const marks = useMemo(() => {
    const out = new Map<string, Mark>()
    for (const n of d.nodes) {
      const lost = n.ended.filter((e) => e.key !== 'done' && e.key !== 'goal')
      const gone = n.ended.reduce((sum, e) => sum + e.count, 0)
      const left = lost.reduce((sum, e) => sum + e.count, 0)
      const came = n.here + n.passed + gone
      const text = [t('live.here', { count: n.here }), n.passed > 0 && t('live.passed', { count: n.passed }), ...n.ended.map((e) => `${count(e.count)} ${endText(e.key)}`)].filter(Boolean).join(', ')
      out.set(n.node, {
        label: text,
        badge: <>
          {n.here > 0 ? <span className="here">{t('live.here', { count: n.here })}</span> : <span>{t('live.nobody')}</span>}
          {n.passed > 0 && <span>{t('live.passed', { count: n.passed })}</span>}
          {left > 0 && <span className="bad" title={lost.map((e) => `${count(e.count)} ${endText(e.key)}`).join(', ')}>−{percent(left / came)}</span>}
          {came > 0 && <span className="flow-bar" aria-hidden="true"><i style={{ width: `${((n.passed + gone - left) / came) * 100}%`, background: 'var(--bar)' }} /><i style={{ width: `${(n.here / came) * 100}%`, background: 'var(--wait-fill)' }} /><i style={{ width: `${(left / came) * 100}%`, background: 'var(--bad-fill)' }} /></span>}
        </>,
      })
    }
    return out
  }, [d.nodes])
  const holds = design.nodes?.some((n) => 'holdout' in n)
  return (
    <div className="stack loose">
      <Figures items={[
        { label: t('figures.active'), value: count(d.journey.active) }, { label: t('figures.finished'), value: count(d.journey.finished) },
        { label: t('figures.exited'), value: count(d.journey.exited) }, { label: t('figures.reached'), value: count(d.journey.reached) },
      ]} />
      {holds && may('stats:read') && <Holdout name={d.journey.name} />}
      <Panel flush title={t('the-journey')} aside={<span className="soft small">{t('choose-node')}</span>}>
        <Rules design={design} />
        <Suspense fallback={<Loading lines={10} />}><Canvas label={t('canvas')} design={design} selected={get('node')} onSelect={(id) => set({ node: id.startsWith('(') ? null : id || null })} marks={marks} /></Suspense>
      </Panel>
      {chosen && <Panel title={t('node-title', { node: chosen.id })}><Json label={t('node-title', { node: chosen.id })} value={chosen} /></Panel>}
      {may('people:read') && <Runs name={d.journey.name} nodes={design.nodes ?? []} />}
    </div>
  )
}

/** What holds for the whole journey: who may enter, when it ends. */
function Rules({ design: d }: { design: Design }) {
  const goal = typeof d.goal === 'object' && d.goal !== null ? ('event' in d.goal && d.goal.event ? d.goal.event : ruleText('rule' in d.goal ? d.goal.rule : d.goal)) : ruleText(d.goal)
  const rows: [string, React.ReactNode][] = [
    ...(d.trigger?.where ? [[t('rules.where'), <code key="w">{ruleText(d.trigger.where)}</code>] as [string, React.ReactNode]] : []),
    ...(d.entry?.rule ? [[t('rules.entry'), <code key="r">{ruleText(d.entry.rule)}</code>] as [string, React.ReactNode]] : []),
    ...(d.entry?.limit ? [[t('rules.often'), t('rules.times', { count: d.entry.limit })] as [string, React.ReactNode]] : []),
    ...(d.entry?.every ? [[t('rules.every'), spanText(d.entry.every)] as [string, React.ReactNode]] : []),
    ...(d.key ? [[t('rules.key'), <code key="k">{d.key}</code>] as [string, React.ReactNode]] : []),
    ...(d.exit ? [[t('rules.exit'), <code key="e">{ruleText(d.exit)}</code>] as [string, React.ReactNode]] : []),
    ...(goal ? [[t('goal'), <code key="g">{goal}</code>] as [string, React.ReactNode]] : []),
  ]
  if (!rows.length) return null
  return <dl className="row wrap small" style={{ padding: '0 16px 10px', gap: '4px 24px' }}>{rows.map(([k, v]) => <div key={k} className="row" style={{ gap: 8 }}><dt className="soft">{k}</dt><dd>{v}</dd></div>)}</dl>
}
