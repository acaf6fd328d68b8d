import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { RuleEditor } from '../../../segments/builder'
import { words } from '../../../words/i18n'
import type { Rule } from '../../design'
import type { Panel } from './fields'

const t = words('journeys')
type Way = { when?: Rule; then?: string }

export const Branch: Panel = ({ node, design, onChange, rev }) => {
  const ways = (Array.isArray(node.branch) ? node.branch : []) as Way[]
  const trigger = design.trigger?.event ? { type: design.trigger.type, name: design.trigger.event } : {}
  const set = (branch: Way[], tag?: string) => onChange({ ...node, branch }, tag)
  return (
    <>
      {ways.map((w, i) => (
        <div key={`${i}:${ways.length}`} className="stack" style={{ gap: 4 }}>
          <div className="row between">
            <span className="eyebrow">{t('branch.way', { number: i + 1 })}</span>
            {ways.length > 1 && <Button size="compact-xs" variant="subtle" color="gray" onClick={() => set(ways.filter((_, k) => k !== i))}>{t('branch.remove')}</Button>}
          </div>
          <RuleEditor key={`${node.id}:${rev}:${i}`} label={t('branch.when', { number: i + 1 })} triggering={trigger} value={w.when} onChange={(r) => set(ways.map((x, k) => (k === i ? { ...x, when: r.text } : x)), `${node.id}.branch.${i}`)} stacked />
        </div>
      ))}
      <div><Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => set([...ways, { when: '', then: node.else ?? '' }])}>{t('branch.add')}</Button></div>
      <p className="small soft">{t('branch.about')}</p>
    </>
  )
}
