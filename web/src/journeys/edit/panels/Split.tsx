import { ActionIcon, Button, NumberInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { words } from '../../../words/i18n'
import type { Panel } from './fields'

const t = words('journeys')
type Arm = { weight?: number; then?: string }

export const Split: Panel = ({ node, onChange }) => {
  const arms = (Array.isArray(node.split) ? node.split : []) as Arm[]
  const set = (split: Arm[], tag?: string) => onChange({ ...node, split }, tag)
  return (
    <>
      {arms.map((a, i) => (
        <div key={i} className="row" style={{ alignItems: 'flex-end' }}>
          <NumberInput size="sm" className="grow" label={t('split.weight', { number: i + 1 })} min={0} value={Number(a.weight ?? 0)} onChange={(v) => set(arms.map((x, k) => (k === i ? { ...x, weight: Number(v) || 0 } : x)), `${node.id}.split.${i}`)} />
          {arms.length > 2 && <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('split.remove', { number: i + 1 })} onClick={() => set(arms.filter((_, k) => k !== i))}><IconX size={15} /></ActionIcon>}
        </div>
      ))}
      <div><Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => set([...arms, { weight: 50, then: arms[arms.length - 1]?.then }])}>{t('split.add')}</Button></div>
      <p className="small soft">{t('split.about')}</p>
    </>
  )
}

export const Holdout: Panel = ({ node, onChange }) => {
  const percent = typeof node.holdout === 'number' ? node.holdout : Number((node.holdout as { percent?: number })?.percent ?? 10)
  return (
    <>
      <NumberInput size="sm" label={t('holdout.percent')} min={0.1} max={99} value={percent} onChange={(v) => onChange({ ...node, holdout: { percent: Number(v) || 0 } }, `${node.id}.percent`)} suffix=" %" />
      <p className="small soft">{t('holdout.about')}</p>
    </>
  )
}
