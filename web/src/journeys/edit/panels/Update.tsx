import { ActionIcon, Button, TagsInput, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { words } from '../../../words/i18n'
import { fieldsOf, type Panel } from './fields'

const t = words('journeys')

const shown = (v: unknown) => (typeof v === 'string' ? v : JSON.stringify(v))
/** JSON where it is JSON, text otherwise: 3, true, {"now": true}, gold. */
const read = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const Update: Panel = ({ node, onChange }) => {
  const u = fieldsOf(node.update)
  const [rows, setRows] = useState(() => Object.entries(fieldsOf(u.set)).map(([k, v]) => [k, shown(v)]))
  const put = (next: string[][]) => {
    setRows(next)
    onChange({ ...node, update: { ...u, set: Object.fromEntries(next.filter(([k]) => k).map(([k, v]) => [k, read(v)])) } }, `${node.id}.set`)
  }
  return (
    <>
      {rows.map(([k, v], i) => (
        <div key={i} className="row" style={{ alignItems: 'flex-end' }}>
          <TextInput size="sm" className="grow" label={t('field.trait')} value={k} onChange={(e) => put(rows.map((r, n) => (n === i ? [e.currentTarget.value, v] : r)))} />
          <TextInput size="sm" className="grow" label={t('field.value')} value={v} onChange={(e) => put(rows.map((r, n) => (n === i ? [k, e.currentTarget.value] : r)))} />
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('update.remove', { trait: k })} onClick={() => put(rows.filter((_, n) => n !== i))}><IconX size={15} /></ActionIcon>
        </div>
      ))}
      <div><Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setRows([...rows, ['', '']])}>{t('update.add')}</Button></div>
      <TagsInput size="sm" label={t('update.unset')} value={Array.isArray(u.unset) ? (u.unset as string[]) : []} onChange={(v) => onChange({ ...node, update: { ...u, unset: v.length ? v : undefined } })} />
      <p className="small soft">{t('update.about')}</p>
    </>
  )
}
