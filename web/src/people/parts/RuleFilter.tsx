import { Button } from '@mantine/core'
import { useState } from 'react'
import { RuleEditor } from '../../segments/builder'
import { words } from '../../words/i18n'

const t = words('people')

/** People for whom a rule holds; the rule lives in the address. */
export default function RuleFilter({ rule, onRule }: { rule: string; onRule: (rule: string) => void }) {
  const [state, setState] = useState({ text: rule, valid: true })
  return (
    <form className="panel" style={{ marginBottom: 14, padding: 16 }} onSubmit={(e) => { e.preventDefault(); onRule(state.text.trim()) }}>
      <RuleEditor label={t('ruleLabel')} value={rule || undefined} onChange={setState} />
      <div className="row" style={{ marginTop: 12 }}>
        <Button type="submit" size="compact-md" disabled={!state.valid || !state.text.trim()}>{t('filter')}</Button>
        {rule && <Button size="compact-md" variant="subtle" onClick={() => onRule('')}>{t('clear')}</Button>}
      </div>
    </form>
  )
}
