import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMay } from '../../api/session'
import { useOverview, type Overview } from '../../home/queries'
import { Panel } from '../../ui/Page'
import { Pill } from '../../ui/Pill'
import { Await } from '../../ui/State'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { partText } from '../../words/words'

const t = words('settings')

type Part = { name: string; ok: boolean; detail?: string; behind?: number; seconds?: number }

/** What Heed runs on, in the order in which an event passes it. */
export function engines(o: Pick<Overview, 'health' | 'lag'>): { group: string; parts: Part[] }[] {
  const groups: [string, (name: string) => boolean][] = [
    ['stream', (n) => n === 'stream'], ['workers', (n) => n.startsWith('worker')], ['state', (n) => n === 'state store'],
    ['history', (n) => n === 'history'], ['channels', (n) => n.startsWith('channel')], ['rest', () => true],
  ]
  const left = o.health.map((h): Part => {
    const lag = o.lag.find((l) => l.consumer === h.name)
    return { name: h.name, ok: h.ok, detail: h.detail, behind: lag?.behind, seconds: lag?.seconds }
  })
  return groups.flatMap(([group, mine]) => {
    const parts = left.filter((p) => mine(p.name))
    for (const p of parts) left.splice(left.indexOf(p), 1)
    return parts.length ? [{ group, parts }] : []
  })
}

/** How every engine is, while it runs; and a way to take everything away. */
export function Health() {
  const may = useMay()
  return (
    <div className="stack loose">
      <Await query={useOverview()} lines={8}>{(o) => (
        <>
          <p className="soft">{o.health.every((h) => h.ok) ? t('health.well') : t('health.unwell', { count: o.health.filter((h) => !h.ok).length })} · <When at={o.at} /></p>
          <div className="engines">
            {engines(o).map((g) => (
              <Panel key={g.group} title={t(`health.${g.group}`)}>
                <p className="soft small" style={{ marginBottom: 8 }}>{t(`health.${g.group}-about`)}</p>
                <ul className="stack">{g.parts.map((p) => <Engine key={p.name} p={p} />)}</ul>
              </Panel>
            ))}
          </div>
        </>
      )}</Await>
      {may('backup:make') && (
        <Panel title={t('backup')}>
          <div className="row between wrap">
            <p className="soft" style={{ maxWidth: 620 }}>{t('backup.about')}</p>
            <Button component="a" href="/api/v1/backup" download variant="default" leftSection={<IconDownload size={16} />}>{t('backup.take')}</Button>
          </div>
        </Panel>
      )}
    </div>
  )
}

function Engine({ p }: { p: Part }) {
  return (
    <li>
      <div className="row between"><span className="cut">{partText(p.name)}</span><Pill tone={p.ok ? 'good' : 'bad'}>{p.ok ? t('health.ok') : t('health.not-ok')}</Pill></div>
      <div className={p.ok ? 'soft small' : 'small'} style={p.ok ? undefined : { color: 'var(--bad)' }}>
        {[p.behind !== undefined && (p.behind ? t('health.behind', { count: p.behind, n: count(p.behind) }) : t('health.caught-up')), p.detail].filter(Boolean).join(' · ')}
      </div>
    </li>
  )
}
