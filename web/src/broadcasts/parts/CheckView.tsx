import { Button, Progress } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { Figures, Panel } from '../../ui/Page'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { useChecked, type Check } from '../queries'
import { People } from './PeopleOf'
import { ReasonBars, why } from './ReasonBars'

const t = words('broadcasts')

type Reason = Check['reasons'][number]

/** Who would get it, and who not and why, before anything is sent. */
export function CheckView({ name, check, version }: { name: string; check?: Check; version: number }) {
  const may = useMay()
  const [at, setAt] = useState<Reason | null>(null)
  const again = useAct({ run: () => must(api.POST('/api/v1/broadcasts/{name}/check', { params: { path: { name } } })), touches: [['broadcasts', name]] })
  const button = <Button variant={check ? 'default' : undefined} loading={again.isPending || check?.state === 'running'} leftSection={<IconRefresh size={16} />} onClick={() => { setAt(null); again.mutate(undefined) }}>{check ? t('check.again') : t('check.start')}</Button>
  if (!check) return <Empty title={t('check.none')} action={button}>{t('check.none.teach')}</Empty>
  const sum = (of: (r: Reason) => boolean) => check.reasons.filter(of).reduce((n, r) => n + r.people, 0)
  const merged = together(check.reasons)
  return (
    <div className="stack loose">
      <div className="row between wrap">
        <p className="soft">{check.state === 'running' ? t('check.running', { n: count(check.people), of: count(check.total) }) : <>{t('check.made', { n: count(check.people) })} <When at={check.made_at} long /></>}</p>
        {button}
      </div>
      {check.state === 'running' && <Progress value={check.total ? (check.people / check.total) * 100 : 0} animated aria-label={t('check.running', { n: count(check.people), of: count(check.total) })} />}
      {check.version !== version && <div className="note-box" role="alert">{t('check.stale')}</div>}
      {check.note && <div className="note-box">{check.note}</div>}
      <Figures items={[
        { label: t('check.gets'), value: count(sum((r) => r.outcome === 'send')), note: t('check.gets.note') },
        { label: t('check.later'), value: count(sum((r) => r.outcome === 'hold')), note: t('check.later.note') },
        { label: t('check.not'), value: count(sum((r) => r.outcome === 'drop' && r.reason !== 'HOLDOUT')), note: t('check.not.note') },
        { label: t('figure.holdout'), value: count(sum((r) => r.reason === 'HOLDOUT')), note: t('figure.holdout.note') },
      ]} />
      <Panel title={t('check.reasons')}>
        <ReasonBars reasons={merged} none={t('check.nobody')} onChoose={may('people:read') ? setAt : undefined} />
      </Panel>
      {at && check.state === 'done' && (
        <Panel flush title={why(at.reason)} aside={<Button size="compact-sm" variant="subtle" onClick={() => setAt(null)}>{t('close')}</Button>}>
          <CheckedPeople name={name} reason={at} made={check.made_at} />
        </Panel>
      )}
    </div>
  )
}

function CheckedPeople({ name, reason: r, made }: { name: string; reason: Reason; made: string }) {
  const people = useChecked(name, { state: '', outcome: r.outcome ?? '', reason: r.reason, rule: r.rule ?? '', variant: '' }, made)
  return <More query={people} empty={<Empty title={t('people.none')} />}>{(rows) => <People rows={rows} due />}</More>
}

/** The same reason in several variants is one line. */
function together(list: Reason[]): Reason[] {
  const out = new Map<string, Reason>()
  for (const r of list) {
    const key = `${r.outcome} ${r.reason} ${r.rule ?? ''}`
    const had = out.get(key)
    out.set(key, had ? { ...had, people: had.people + r.people } : { ...r, variant: undefined })
  }
  return [...out.values()].sort((a, b) => b.people - a.people)
}
