import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, must, type Schemas } from '../../api/client'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { locale, words } from '../../words/i18n'
import { count } from '../../words/numbers'

const t = words('journeys')
type Bounds = Schemas['Bounds']

const share = (v: number) => `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(v * 100)} %`
const points = (v: number) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 1, minimumFractionDigits: 1, signDisplay: 'exceptZero' }).format(v * 100)

/** What the journey does, measured by those whom it holds out. */
export function Holdout({ name }: { name: string }) {
  const [days, setDays] = useState('14')
  const result = useQuery({ queryKey: ['journeys', name, 'holdout', days], staleTime: 60_000, queryFn: () => must(api.GET('/api/v1/journeys/{name}/holdout', { params: { path: { name }, query: { days: Number(days) } } })) })
  return (
    <Panel title={t('holdout.result')} aside={<Select size="xs" w={150} aria-label={t('holdout.days')} data={['1', '3', '7', '14', '30'].map((d) => ({ value: d, label: t('holdout.within', { count: Number(d) }) }))} value={days} onChange={(v) => setDays(v ?? '14')} allowDeselect={false} />}>
      <Await query={result} lines={3}>{(r) => {
        if (r.measure === 'none') return <p className="soft">{t('holdout.no-goal')}</p>
        if (!r.treated.people || !r.held.people) return <p className="soft">{t('holdout.not-yet', { count: r.days })}</p>
        const sure = r.difference.low > 0 ? 'good' : r.difference.high < 0 ? 'bad' : 'open'
        return (
          <div className="stack">
            <p><b>{t('holdout.difference', { points: points(r.difference.value), low: points(r.difference.low), high: points(r.difference.high) })}</b> <span className="soft">{t(`holdout.${sure}`)}</span></p>
            <Arm label={t('holdout.treated')} people={r.treated.people} reached={r.treated.reached} share={r.treated.share} />
            <Arm label={t('holdout.held')} people={r.held.people} reached={r.held.reached} share={r.held.share} />
            <p className="soft small">{r.measure === 'goal_event' ? t('holdout.by-event') : t('holdout.by-run')} {r.cut && t('holdout.cut')} {t('holdout.method')}</p>
          </div>
        )
      }}</Await>
    </Panel>
  )
}

function Arm({ label, people, reached, share: s }: { label: string; people: number; reached: number; share: Bounds }) {
  return (
    <div className="row wrap" style={{ gap: '2px 14px' }}>
      <span style={{ minWidth: 130 }}>{label}</span>
      <span className="num" style={{ minWidth: 210 }}><b>{share(s.value)}</b> <span className="soft">{t('holdout.of', { reached: count(reached), people: count(people) })}</span></span>
      <svg width="220" height="18" role="img" aria-label={t('holdout.interval', { low: share(s.low), high: share(s.high) })} style={{ flex: '1 1 200px', maxWidth: 420 }} viewBox="0 0 100 18" preserveAspectRatio="none">
        <rect x="0" y="8" width="100" height="2" fill="var(--line)" />
        <rect x={s.low * 100} y="5" width={Math.max(0.6, (s.high - s.low) * 100)} height="8" fill="var(--bar-soft)" />
        <rect x={s.value * 100 - 0.4} y="2" width="0.8" height="14" fill="var(--accent)" />
      </svg>
    </div>
  )
}
