import { lazy, Suspense, useMemo } from 'react'
import { Pill } from '../../ui/Pill'
import { Loading } from '../../ui/State'
import { words } from '../../words/i18n'
import type { Mark } from '../canvas/Canvas'
import type { Design } from '../design'
import { compared, merged, spread } from '../edit/doc'

const t = words('journeys')
const Canvas = lazy(() => import('../canvas/Canvas'))

const toneOf = { added: 'good', removed: 'bad', changed: 'wait', same: 'dim' } as const

/** What differs between two versions, drawn. */
export function Diff({ older, newer }: { older: Design; newer: Design }) {
  const c = useMemo(() => compared(older, newer), [older, newer])
  const both = useMemo(() => merged(spread(older), spread(newer)), [older, newer])
  const marks = useMemo(() => new Map<string, Mark>([...c.nodes].map(([id, what]) => [id, { tone: toneOf[what], label: t(`diff.${what}`), badge: what === 'same' ? undefined : <b>{t(`diff.${what}`)}</b> }])), [c])
  const changed = [...c.nodes].filter(([, what]) => what !== 'same')
  return (
    <>
      <div className="row wrap small" style={{ padding: '0 16px 10px' }}>
        {changed.length + c.around.length === 0 ? <span className="soft">{t('diff.none')}</span> : <>
          {(['added', 'removed', 'changed'] as const).map((what) => {
            const ids = changed.filter(([, w]) => w === what).map(([id]) => id)
            return ids.length > 0 && <span key={what} className="row" style={{ gap: 6 }}><Pill tone={what === 'added' ? 'good' : what === 'removed' ? 'bad' : 'wait'}>{t(`diff.${what}`)}</Pill>{ids.join(', ')}</span>
          })}
          {c.around.length > 0 && <span>{t('diff.around', { fields: c.around.join(', ') })}</span>}
        </>}
      </div>
      <Suspense fallback={<Loading lines={10} />}><Canvas label={t('diff')} design={both} marks={marks} /></Suspense>
    </>
  )
}
