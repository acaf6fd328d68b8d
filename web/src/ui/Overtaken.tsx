import { Button, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { api, ApiError, asProblem, must } from '../api/client'
import { asText, type SpecKind } from '../settings/yaml'
import { Rich } from '../words/Rich'
import { words } from '../words/i18n'
import { standing, unseen, type Spec } from './seen'
import { Await, Trouble } from './State'
import { When } from './When'

const t = words('ui')

/**
 * Whether a colleague has saved a document since somebody began to edit it. `began` is the version that they began from, 0 for a
 * new one, of which only the server's refusal (`error`) says that its name is taken.
 */
export function useOvertaken(kind: SpecKind, name: string, began: number, error?: unknown) {
  const refused = error instanceof ApiError && error.status === 412
  const of = `${kind}/${name}`
  const [at, setAt] = useState({ of, began, seen: began, known: began })
  if (at.of !== of || at.began !== began) setAt({ of, began, seen: began, known: began })
  const latest = useQuery({
    queryKey: ['specs', 'latest', kind, name], enabled: name !== '' && (began > 0 || refused),
    queryFn: async () => (await must(api.GET('/api/v1/specs/{kind}/{name}/versions', { params: { path: { kind, name }, query: { limit: 1 } } }))).items[0],
  })
  const { refetch } = latest
  useEffect(() => { if (refused) void refetch() }, [refused, error, refetch])
  return {
    kind, name,
    /** What they saved. */
    theirs: unseen(latest.data, at.known),
    /** The version to name when saving. */
    seen: at.seen,
    /** Takes their version as seen, and gives the one to name. */
    accept: (theirs: Spec) => {
      setAt({ of, began, seen: standing(theirs), known: theirs.version })
      return standing(theirs)
    },
    /** What was saved here is nobody else's: its version if it is known, or whatever comes until the editor begins anew. */
    saved: (version?: number) => setAt({ of, began, seen: version ?? at.seen, known: version ?? Infinity }),
  }
}

/** Says who has saved meanwhile. Nothing that was written is lost: it can be compared, saved over theirs, or let go of. */
export function Overtaken({ over, files, compare, busy, disabled, onSave, onTake }: {
  over: ReturnType<typeof useOvertaken>
  /** The draft as it would be saved. */
  files: Record<string, string>
  /** Draws what is different, beside saying it line by line. */
  compare?: (theirs: Spec) => ReactNode
  busy?: boolean
  disabled?: boolean
  onSave: (seen: number, theirs: Spec) => void
  onTake: (theirs: Spec) => void
}) {
  const [looking, setLooking] = useState(false)
  const { theirs } = over
  const place = useRef<HTMLDivElement>(null)
  const text = theirs && t(theirs.deleted ? 'overtaken.afar-deleted' : 'overtaken.afar', { who: theirs.made_by })
  useEffect(() => { // who is elsewhere in a long form is told there
    const box = place.current?.getBoundingClientRect()
    if (!text || !box || (box.top >= 0 && box.bottom <= window.innerHeight)) return
    const id = notifications.show({
      color: 'yellow', autoClose: false, closeButtonProps: { 'aria-label': t('close') },
      message: <div className="row between"><span>{text}</span><Button size="compact-sm" variant="light" onClick={() => { place.current?.scrollIntoView({ block: 'center' }); notifications.hide(id) }}>{t('overtaken.show')}</Button></div>,
    })
    return () => { notifications.hide(id) }
  }, [text, theirs?.version])
  if (!theirs) return null
  const values = { who: theirs.made_by, version: theirs.version, name: theirs.name }
  const save = <Button variant="light" loading={busy} disabled={disabled} onClick={() => { setLooking(false); onSave(over.accept(theirs), theirs) }}>{theirs.deleted ? t('overtaken.again') : t('overtaken.save')}</Button>
  return (
    <div ref={place} className="note-box stack" role="alert" style={{ background: 'var(--wait-soft)', borderColor: 'var(--wait-fill)' }}>
      <p>
        {theirs.deleted ? <Rich folder="ui" of="overtaken.deleted" parts={{ b: <b /> }} values={values} />
          : over.seen === 0 ? <Rich folder="ui" of="overtaken.taken" parts={{ b: <b /> }} values={values} />
            : <Rich folder="ui" of="overtaken.saved" parts={{ b: <b /> }} values={values} />} <When at={theirs.made_at} long />
      </p>
      <p className="small">{t('overtaken.kept')}</p>
      <div className="row wrap"><Button variant="default" onClick={() => setLooking(true)}>{t('overtaken.look')}</Button>{save}</div>
      <Modal opened={looking} onClose={() => setLooking(false)} size="min(1100px, 94vw)" title={theirs.deleted ? t('overtaken.title-deleted') : t('overtaken.title', values)}>
        <div className="stack loose">
          {theirs.deleted ? <p>{t('overtaken.gone')}</p> : <>
            <Lines theirs={theirs} files={files} />
            {compare?.(theirs)}
            <details>
              <summary>{t('overtaken.whole')}</summary>
              <pre className="code wrap" tabIndex={0} role="region" aria-label={t('overtaken.whole')} style={{ maxHeight: '40vh', overflow: 'auto' }}>{asText(theirs.kind, theirs.name, theirs.body)}</pre>
            </details>
          </>}
          <p>{theirs.deleted ? t('overtaken.take-about-deleted') : t('overtaken.take-about')}</p>
          <div className="row wrap" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setLooking(false)}>{t('overtaken.on')}</Button>
            <Button variant="default" onClick={() => { setLooking(false); onTake(theirs) }}>{theirs.deleted ? t('overtaken.let-go') : t('overtaken.take')}</Button>
            {save}
          </div>
        </div>
      </Modal>
    </div>
  )
}

/** What saving the draft would change in theirs: the server compares. */
function Lines({ theirs, files }: { theirs: Spec; files: Record<string, string> }) {
  const plan = useQuery({
    queryKey: ['specs', 'compared', theirs.kind, theirs.name, theirs.version, files], retry: false,
    queryFn: () => must(api.POST('/api/v1/specs/plan', { body: { files } })),
  })
  if (plan.isError) return <><p>{t('overtaken.wrong')}</p><Trouble problem={asProblem(plan.error)} /></>
  return (
    <Await query={plan} lines={3}>{({ changes }) => {
      const lines = changes.flatMap((c) => c.diff)
      if (!lines.length) return <p>{t('overtaken.same')}</p>
      return (
        <>
          <p className="soft small">{t('overtaken.legend')}</p>
          <pre className="code wrap" tabIndex={0} role="region" aria-label={t('overtaken.different')} style={{ maxHeight: '30vh', overflow: 'auto' }}>{lines.map((d, i) => <div key={i} className={d.startsWith('+') ? 'plus' : d.startsWith('-') ? 'minus' : undefined}>{d}</div>)}</pre>
        </>
      )
    }}</Await>
  )
}
