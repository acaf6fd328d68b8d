import { Button, FileInput, Modal, Progress, Select, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { api, asProblem, must, type Problem, type Schemas } from '../../api/client'
import { Pill } from '../../ui/Pill'
import { Trouble } from '../../ui/State'
import { absolute } from '../../words/time'
import { words } from '../../words/i18n'
import { bytes } from '../../words/numbers'
import { beginningOf, ids, mappingText, roles, withRole, type As, type Column } from '../mapping'
import { useImports, useSources } from '../queries'
import { begin, isTheOne, send, type Import } from '../upload'

const t = words('data')
const ui = words('ui')

type Preview = Schemas['ImportPreview']

/** A file, what its columns are, what becomes of its first rows; then it goes up and is imported in the background. */
export function ImportForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null)
  const [sample, setSample] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [sent, setSent] = useState<number>()
  const client = useQueryClient()
  const begun = useImports().data?.items.find((i) => file && isTheOne(i, file))
  const busy = sent !== undefined
  useEffect(() => {
    if (!busy) return
    const ask = (e: BeforeUnloadEvent) => e.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [busy])
  const bring = async (to: () => Promise<string>) => {
    setProblem(undefined)
    setSent(begun?.bytes ?? 0)
    try {
      await send(await to(), file!, setSent)
      notifications.show({ message: t('imports.here'), color: 'teal' })
      void take(null)
      onClose()
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setSent(undefined)
      await client.invalidateQueries({ queryKey: ['imports'] })
    }
  }
  const take = async (f: File | null) => {
    setFile(f)
    setSample('')
    setProblem(undefined)
    if (!f) return
    try {
      const text = await beginningOf(f)
      if (text.trim()) setSample(text)
      else setProblem({ title: '', status: 0, code: 'invalid', detail: t('imports.empty') })
    } catch (error) {
      setProblem({ title: '', status: 0, code: 'invalid', detail: t('imports.unreadable', { why: (error as Error).message }) })
    }
  }
  const first = useQuery({ queryKey: ['import-preview', file?.name, file?.size, sample.length], enabled: !!file && !!sample, retry: false, queryFn: () => must(api.POST('/api/v1/imports/preview', { body: { file: file!.name, sample } })) })
  return (
    <Modal opened={opened} onClose={() => !busy && onClose()} title={t('imports.add')} size="xl" withCloseButton={!busy}>
      <div className="stack loose">
        <FileInput label={t('imports.file')} description={t('imports.fileAbout')} placeholder={t('imports.choose')} accept=".csv,.tsv,.txt,.ndjson,.jsonl,.json,.gz" value={file} onChange={(f) => void take(f)} disabled={busy} clearable clearButtonProps={{ 'aria-label': t('imports.takeAway') }} />
        {problem && <Trouble problem={problem} />}
        {first.isError && <Trouble problem={asProblem(first.error)} />}
        {file && busy && <div><Progress value={(sent / Math.max(1, file.size)) * 100} aria-label={t('imports.sending')} /><span className="soft small num">{t('imports.sent', { sent: bytes(sent), size: bytes(file.size) })} · {t('imports.goesOn')}</span></div>}
        {file && !busy && begun && <Begun one={begun} onGo={() => void bring(async () => begun.id)} onClose={onClose} />}
        {file && !busy && !begun && first.data && <Mapping key={file.name + file.size} file={file} sample={sample} first={first.data} onGo={(text) => void bring(async () => (await begin(text, file)).id)} onClose={onClose} />}
      </div>
    </Modal>
  )
}

/** The file is half here: an earlier page was left, or the connection was lost for long. */
function Begun({ one, onGo, onClose }: { one: Import; onGo: () => void; onClose: () => void }) {
  return (
    <div className="stack loose">
      <p>{t('imports.begun', { sent: bytes(one.bytes), size: bytes(one.total_bytes), who: one.by ?? '' })}</p>
      <Progress value={(one.bytes / Math.max(1, one.total_bytes)) * 100} aria-label={t('progressOf', { what: one.file })} />
      <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onClose}>{ui('cancel')}</Button><Button onClick={onGo} data-autofocus>{t('imports.goOn')}</Button></div>
    </div>
  )
}

function Mapping({ file, sample, first, onGo, onClose }: { file: File; sample: string; first: Preview; onGo: (mapping: string) => void; onClose: () => void }) {
  const sources = useSources()
  const [columns, setColumns] = useState<Column[]>(first.columns)
  const [event, setEvent] = useState('Imported')
  const [source, setSource] = useState('import')
  const [own, setOwn] = useState<string>()
  const name = /^name: "(.*)"$/m.exec(first.suggested)?.[1] ?? 'import'
  const text = own ?? mappingText({ name, source, event, format: first.format, delimiter: first.delimiter, columns }, first.suggested)
  const [settled] = useDebouncedValue(text, 400)
  const preview = useQuery({ queryKey: ['import-preview', file.name, file.size, settled], retry: false, placeholderData: (old) => old, queryFn: () => must(api.POST('/api/v1/imports/preview', { body: { file: file.name, sample, mapping: settled } })) })
  return (
    <form className="stack loose" onSubmit={(e) => { e.preventDefault(); onGo(text) }}>
      {own === undefined && (
        <>
          <div className="row top wrap" style={{ gap: 16 }}>
            <Select className="grow" label={t('imports.source')} description={t('imports.sourceAbout')} data={[...new Set(['import', ...(sources.data?.items ?? []).map((s) => s.name)])]} value={source} onChange={(v) => setSource(v ?? 'import')} allowDeselect={false} />
            {!columns.some((c) => c.as === 'event') && <TextInput className="grow" label={t('imports.event')} description={t('imports.eventAbout')} value={event} onChange={(e) => setEvent(e.currentTarget.value)} required maxLength={200} />}
          </div>
          <Columns columns={columns} onChange={(n, as) => setColumns(withRole(columns, n, as))} />
        </>
      )}
      {own === undefined && !columns.some((c) => ids.includes(c.as)) && <div className="note-box" role="status">{t('imports.nobodys')}</div>}
      {own !== undefined && <Textarea label={t('imports.mapping')} description={t('imports.mappingAbout')} value={own} onChange={(e) => setOwn(e.currentTarget.value)} autosize minRows={10} maxRows={20} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }} />}
      <Button variant="subtle" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={() => setOwn(own === undefined ? text : undefined)}>{own === undefined ? t('imports.asText') : t('imports.asTable')}</Button>
      {preview.data?.problem && <div className="problem" role="alert">{preview.data.problem}</div>}
      {preview.isError && <Trouble problem={asProblem(preview.error)} />}
      {preview.data && preview.data.events.length > 0 && <Becomes events={preview.data.events} />}
      <p className="soft small">{t('imports.same')}</p>
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
        <Button type="submit" disabled={!!preview.data?.problem || preview.isError}>{t('imports.go')}</Button>
      </div>
    </form>
  )
}

function Columns({ columns, onChange }: { columns: Column[]; onChange: (name: string, as: As) => void }) {
  return (
    <div style={{ overflow: 'auto', maxHeight: 320 }} tabIndex={0} role="region" aria-label={t('imports.columns')}>
      <table className="table">
        <caption className="sr">{t('imports.columns')}</caption>
        <thead><tr><th scope="col">{t('imports.column')}</th><th scope="col">{t('imports.sample')}</th><th scope="col">{t('imports.is')}</th></tr></thead>
        <tbody>{columns.map((c) => (
          <tr key={c.name}>
            <td><code style={{ overflowWrap: 'anywhere' }}>{c.name}</code> <span className="soft small">{t(`imports.kind.${c.kind}`)}</span></td>
            <td className="soft small" style={{ maxWidth: 200, overflowWrap: 'anywhere' }}>{c.sample || '–'}</td>
            <td><Select size="xs" aria-label={t('imports.isOf', { column: c.name })} data={roles.map((r) => ({ value: r, label: t(`imports.role.${r}`) }))} value={c.as} onChange={(v) => v && onChange(c.name, v as As)} allowDeselect={false} comboboxProps={{ withinPortal: true }} /></td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}

/** The first rows as the events that they become. */
function Becomes({ events }: { events: Schemas['PreviewEvent'][] }) {
  const refused = events.filter((e) => e.refused).length
  return (
    <section>
      <div className="row between"><h3 className="eyebrow">{t('imports.becomes')}</h3>{refused > 0 && <Pill tone="bad">{t('imports.refused', { count: refused })}</Pill>}</div>
      <ul className="cards" style={{ maxHeight: 260, overflow: 'auto' }} tabIndex={0} aria-label={t('imports.becomes')}>
        {events.map((e) => (
          <li key={e.line} style={{ paddingInline: 0 }}>
            {e.refused ? <span><span className="soft small num">{t('imports.line', { n: e.line })}</span> <span style={{ color: 'var(--bad)' }}>{e.refused}</span></span> : e.skipped ? <span className="soft small">{t('imports.line', { n: e.line })} {t('imports.skipped')}</span> : (
              <>
                <div className="row wrap" style={{ gap: '2px 10px' }}><span className="soft small num">{t('imports.line', { n: e.line })}</span><b style={{ fontWeight: 550 }}>{e.name || e.type}</b>{e.at && <span className="soft small">{absolute(Date.parse(e.at))}</span>}{Object.entries(e.ids ?? {}).map(([k, v]) => <span key={k} className="small"><span className="soft">{k}</span> <span className="mono">{v}</span></span>)}</div>
                <code className="small soft" style={{ overflowWrap: 'anywhere' }}>{JSON.stringify(e.values)}</code>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
