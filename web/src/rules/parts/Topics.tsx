import { TagsInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { words } from '../../words/i18n'
import { put } from '../document'
import { BrandSave } from './BrandSave'
import { Rehearsed } from './Rehearsed'
import { useBrandDraft } from './useBrandDraft'
import '../rules.css'

const t = words('rules')

/** What people may choose to hear about, or not. */
export function Topics() {
  const b = useBrandDraft()
  const [settled] = useDebouncedValue(b.draft, 500)
  return (
    <div className="rule-edit">
      <Panel title={t('topics.label')}>
        <Await query={b.query} lines={4}>{() => (
          <form className="stack loose" onSubmit={(e) => { e.preventDefault(); if (!b.over.theirs) b.save.mutate(undefined) }}>
            <p className="soft">{t('topics.lead')}</p>
            <TagsInput label={t('topics.label')} description={t('topics.about')} value={Array.isArray(b.body.topics) ? (b.body.topics as string[]) : []} onChange={(v) => b.set(put(b.body, 'topics', v))} disabled={!b.writes} maxTags={100} clearable />
            <BrandSave b={b} />
          </form>
        )}</Await>
      </Panel>
      <Rehearsed draft={settled} fresh={settled === b.draft} />
    </div>
  )
}
