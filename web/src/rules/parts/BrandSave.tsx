import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { asProblem } from '../../api/client'
import { useMay } from '../../api/session'
import { Overtaken } from '../../ui/Overtaken'
import { asFile } from '../../ui/seen'
import { Trouble } from '../../ui/State'
import { Unsaved } from '../../ui/Unsaved'
import { Rich } from '../../words/Rich'
import { words } from '../../words/i18n'
import type { useBrandDraft } from './useBrandDraft'

const t = words('rules')

/** The end of a form that changes the brand's document. */
export function BrandSave({ b }: { b: ReturnType<typeof useBrandDraft> }) {
  const may = useMay()
  const theirs = b.dirty && b.over.theirs
  if (!b.writes) return <p className="soft small">{may('data:manage') ? <Rich folder="rules" of="brandFirst" parts={{ steps: <Link to="/welcome" /> }} /> : t('brandOnly')}</p>
  return (
    <>
      <Unsaved when={b.dirty} />
      {theirs && <Overtaken over={b.over} files={asFile('brand', theirs.name, b.body)} busy={b.save.isPending} onSave={(_, seen) => b.save.mutate(seen)} onTake={b.take} />}
      {b.save.isError && !theirs && <Trouble problem={asProblem(b.save.error)} />}
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        {b.dirty && <Button variant="default" onClick={b.reset}>{t('discard')}</Button>}
        <Button type="submit" disabled={!b.dirty || !!theirs} loading={b.save.isPending}>{t('save')}</Button>
      </div>
    </>
  )
}
