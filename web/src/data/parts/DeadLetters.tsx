import { Button, Textarea, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { Json } from '../../ui/Copy'
import { More } from '../../ui/More'
import { Pill } from '../../ui/Pill'
import { Empty, Trouble } from '../../ui/State'
import { eachItem } from '../../ui/edit'
import { useAct } from '../../ui/useAct'
import { useEdit } from '../../ui/useEdit'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { partText } from '../../words/words'
import { useDeadLetters } from '../queries'

const t = words('data')
const ui = words('ui')

type Letter = Schemas['DeadLetter']

/** What could not be taken: look, put it right, try again, or let it go. */
export function DeadLetters() {
  const [open, setOpen] = useState<string>()
  const touches = [['dead-letters'], ['overview']]
  const retry = useAct({ done: t('letters.retried'), touches, run: (id: string) => must(api.POST('/api/v1/dead-letters/{id}/retry', { params: { path: { id } } })) })
  const discard = useEdit({
    done: t('letters.discarded'), touches,
    run: (ids: string[]) => must(api.POST('/api/v1/dead-letters/discard', { body: { ids } })), back: (ids) => must(api.POST('/api/v1/dead-letters/restore', { body: { ids } })),
    shown: (ids) => [{ key: ['dead-letters'], all: true, as: eachItem<Letter>((d) => (ids.includes(d.id) ? undefined : d)) }],
  })
  return (
    <div className="panel">
      <More query={useDeadLetters()} empty={<Empty title={t('letters.none')}>{t('letters.teach')}</Empty>}>
        {(rows) => (
          <>
            {rows.length > 1 && <div className="row" style={{ justifyContent: 'flex-end', padding: '10px 16px 0' }}><Button size="compact-sm" variant="subtle" color="gray" onClick={() => discard.mutate(rows.slice(0, 200).map((d) => d.id))}>{t('letters.discardShown')}</Button></div>}
            <ul className="cards">
              {rows.map((d) => (
                <li key={d.id}>
                  <div className="row between wrap top">
                    <div className="grow" style={{ minWidth: 200 }}>
                      <div className="row wrap" style={{ gap: '4px 10px' }}><Pill tone="bad">{partText(d.stage)}</Pill>{d.source && <span className="soft small">{t('letters.from', { source: d.source })}</span>}<span className="soft small"><When at={d.at} /></span></div>
                      <UnstyledButton aria-expanded={open === d.id} onClick={() => setOpen(open === d.id ? undefined : d.id)} style={{ marginTop: 4, overflowWrap: 'anywhere', fontSize: 'inherit' }}>{d.reason}</UnstyledButton>
                    </div>
                    <div className="row">
                      {d.retry && <Button size="compact-sm" variant="light" loading={retry.isPending && retry.variables === d.id} onClick={() => retry.mutate(d.id)}>{ui('retry')}</Button>}
                      <Button size="compact-sm" variant="default" onClick={() => setOpen(open === d.id ? undefined : d.id)}>{t('letters.fix')}</Button>
                      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => discard.mutate([d.id])}>{t('letters.discard')}</Button>
                    </div>
                  </div>
                  {open === d.id && <Fix letter={d} onDone={() => setOpen(undefined)} />}
                </li>
              ))}
            </ul>
          </>
        )}
      </More>
    </div>
  )
}

/** The event as text, to be put right. It passes the same door as any other. */
function Fix({ letter, onDone }: { letter: Letter; onDone: () => void }) {
  const [text, setText] = useState(() => JSON.stringify(letter.event, null, 2))
  let event: unknown
  let wrong = ''
  try {
    event = JSON.parse(text)
  } catch (error) {
    wrong = (error as Error).message
  }
  const fix = useAct({
    quiet: true, done: t('letters.fixed'), touches: [['dead-letters']], after: onDone,
    run: () => must(api.POST('/api/v1/dead-letters/{id}/fix', { params: { path: { id: letter.id } }, body: { event } })),
  })
  if (letter.event === null || letter.event === undefined) return <div style={{ marginTop: 8 }}><Json label={t('letters.event')} value={letter.event} /></div>
  return (
    <form className="stack editor" style={{ marginTop: 8 }} onSubmit={(e) => { e.preventDefault(); fix.mutate(undefined) }}>
      <Textarea label={t('letters.event')} description={t('letters.fixAbout')} value={text} onChange={(e) => setText(e.currentTarget.value)} error={wrong || undefined} autosize minRows={5} maxRows={24} spellCheck={false} />
      {fix.isError && <Trouble problem={asProblem(fix.error)} />}
      <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onDone}>{ui('cancel')}</Button><Button type="submit" disabled={!!wrong} loading={fix.isPending}>{t('letters.take')}</Button></div>
    </form>
  )
}
