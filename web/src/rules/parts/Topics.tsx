import { Button, TagsInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { asProblem } from '../../api/client'
import { Panel } from '../../ui/Page'
import { Await, Trouble } from '../../ui/State'
import { words } from '../../words/i18n'
import { put } from '../document'
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
          <form className="stack loose" onSubmit={(e) => { e.preventDefault(); b.save.mutate(undefined) }}>
            <p className="soft">{t('topics.lead')}</p>
            <TagsInput label={t('topics.label')} description={t('topics.about')} value={Array.isArray(b.body.topics) ? (b.body.topics as string[]) : []} onChange={(v) => b.set(put(b.body, 'topics', v))} disabled={!b.writes} maxTags={100} clearable />
            {b.save.isError && <Trouble problem={asProblem(b.save.error)} />}
            {b.writes
              ? <div className="row" style={{ justifyContent: 'flex-end' }}>{b.dirty && <Button variant="default" onClick={b.reset}>{t('discard')}</Button>}<Button type="submit" disabled={!b.dirty} loading={b.save.isPending}>{t('save')}</Button></div>
              : <p className="soft small">{t('brandOnly')}</p>}
          </form>
        )}</Await>
      </Panel>
      <Rehearsed draft={settled} fresh={settled === b.draft} />
    </div>
  )
}
