import { ActionIcon, Button, SegmentedControl, Textarea } from '@mantine/core'
import { useHotkeys, useMediaQuery } from '@mantine/hooks'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { PlanBar } from '../../segments/parts/PlanBar'
import { Loading } from '../../ui/State'
import type { Spec } from '../../ui/seen'
import { Panel } from '../../ui/Page'
import { useFilters } from '../../ui/useParams'
import { words } from '../../words/i18n'
import { carried, icons } from '../canvas/icons'
import type { Mark } from '../canvas/Canvas'
import { kinds, start, type Design, type Kind } from '../design'
import { Diff } from '../parts/Diff'
import { added, changed, connected, removed, shifted, spread, waysOf, type Spot } from './doc'
import { NodeList } from './NodeList'
import { Journey } from './panels/Journey'
import { NodePanel } from './panels/NodePanel'
import { useProblems, type Draft } from './useDraft'
import '../canvas/canvas.css' // the list has its styles there too, and comes without the canvas

const t = words('journeys')
const Canvas = lazy(() => import('../canvas/Canvas'))

/** A journey while it is written: drawn, as a list, or as text; one document in all three. */
export function Editor({ name, draft, onSaved, onTake, header }: { name: string; draft: Draft; onSaved: () => void; onTake: (theirs: Spec) => void; header?: React.ReactNode }) {
  const narrow = useMediaQuery('(max-width: 720px)', false, { getInitialValueInEffect: false })
  const [get, set] = useFilters()
  const view = get('as') || (narrow ? 'list' : 'canvas')
  const chosen = get('node') || start
  const choose = (id: string) => set({ node: id || null })
  const [carrying, setCarrying] = useState(false)
  const problems = useProblems(name, draft.doc)
  const { design } = draft
  const node = design.nodes?.find((n) => n.id === chosen)
  useHotkeys([['mod+Z', () => draft.undo?.()], ['mod+shift+Z', () => draft.redo?.()], ['mod+Y', () => draft.redo?.()]])

  const wrong = useMemo(() => {
    const by = new Map<string, string[]>()
    for (const p of problems) if (p.node) by.set(p.node, [...(by.get(p.node) ?? []), p.detail])
    return by
  }, [problems])
  const marks = useMemo(() => new Map<string, Mark>([...wrong].map(([id, list]) => [id, { tone: 'bad', badge: <span className="bad">{t('wrong', { count: list.length })}</span>, label: list.join('; ') }])), [wrong])
  const around = problems.filter((p) => !p.node)

  const onAdd = (kind: Kind, spot: Spot) => {
    const made = added(design, kind, spot)
    draft.set(made.design)
    choose(made.id)
  }
  const onRemove = (id: string) => {
    draft.set(removed(design, id))
    if (chosen === id) choose('')
  }
  /** From the palette without a mouse: after the chosen node, or at the end of the file. */
  const append = (kind: Kind) => {
    const at = node && waysOf(node).length ? node : [...(design.nodes ?? [])].reverse().find((n) => waysOf(n).length)
    onAdd(kind, at ? { after: at.id, port: waysOf(at)[0].port } : 'first')
  }
  return (
    <Panel flush title={t('edit.title')} aside={(
      <div className="row wrap">
        <ActionIcon variant="default" size="lg" aria-label={t('undo')} title={t('undo')} disabled={!draft.undo} onClick={draft.undo}><IconArrowBackUp size={17} /></ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t('redo')} title={t('redo')} disabled={!draft.redo} onClick={draft.redo}><IconArrowForwardUp size={17} /></ActionIcon>
        <SegmentedControl size="xs" aria-label={t('as')} value={view} onChange={(v) => set({ as: v })} data={['canvas', 'list', 'text'].map((v) => ({ value: v, label: t(`as.${v}`) }))} />
      </div>
    )}>
      {header}
      {view === 'text' ? <AsText key={draft.rev} draft={draft} /> : (
        <div className={`bench${carrying ? ' carrying' : ''}`}>
          <nav className="palette" aria-label={t('palette')}>
            <p className="small soft" style={{ marginBottom: 8 }}>{t('palette.about')}</p>
            <ul>
              {kinds.map((kind) => {
                const Icon = icons[kind]
                return (
                  <li key={kind}>
                    <button type="button" draggable onClick={() => append(kind)} onDragStart={(e) => { e.dataTransfer.setData(carried, kind); e.dataTransfer.effectAllowed = 'copy'; setTimeout(() => setCarrying(true)) }} onDragEnd={() => setCarrying(false)}>
                      <Icon size={16} aria-hidden="true" />{t(`node.${kind}`)}
                    </button>
                  </li>
                )
              })}
            </ul>
          </nav>
          {view === 'list'
            ? <NodeList design={design} selected={chosen} wrong={wrong} onSelect={choose} onAdd={onAdd} onRemove={onRemove} onMove={(id, by) => draft.set(shifted(design, id, by))} />
            : <Suspense fallback={<Loading lines={10} />}><Canvas label={t('canvas')} design={design} selected={chosen} onSelect={choose} marks={marks} edit={{ onAdd, onRemove, onConnect: (from, port, to) => draft.set(connected(design, from, port, to)) }} /></Suspense>}
          <aside className="inspector" aria-label={node ? t('panel', { node: node.id }) : t('panel.journey')}>
            {node
              ? <NodePanel key={`${node.id}:${draft.rev}`} node={node} design={design} rev={draft.rev} problems={wrong.get(node.id) ?? []}
                  onChange={(n, tag) => draft.set(changed(design, node.id, n), tag)} onRename={(id) => { draft.set(changed(design, node.id, { ...node, id })); choose(id) }}
                  onLead={(port, to) => draft.set(connected(design, node.id, port, to))} onRemove={() => onRemove(node.id)} />
              : <Journey design={design} rev={draft.rev} onChange={draft.set} />}
          </aside>
        </div>
      )}
      <div style={{ padding: 16, borderTop: '1px solid var(--line)' }}>
        {/* Below the canvas, so that nothing moves under the pointer while somebody draws. */}
        {draft.changed && around.length > 0 && <div className="problem" role="status" style={{ marginBottom: 12 }} aria-label={t('problems')}><ul>{around.map((p, i) => <li key={i}>{p.field && <code>{p.field}: </code>}{p.detail}</li>)}</ul></div>}
        <PlanBar kind="journey" name={name} doc={draft.doc} began={draft.began} disabled={!draft.changed || problems.length > 0 || !name} onSaved={onSaved} onTake={onTake}
          compare={(theirs) => <Diff older={theirs.body as Design} newer={draft.doc} />}>
          {draft.changed && <Button variant="subtle" color="gray" onClick={() => draft.reset()}>{t('throw-away')}</Button>}
          <span className="soft small">{problems.length ? t('wrong', { count: problems.length }) : draft.changed ? t('not-saved') : t('no-changes')}</span>
        </PlanBar>
      </div>
    </Panel>
  )
}

/** The same document as text: JSON, which is YAML too. */
function AsText({ draft }: { draft: Draft }) {
  const stored = JSON.stringify(draft.doc, null, 2)
  const [text, setText] = useState(stored)
  const [wrong, setWrong] = useState('')
  const write = (next: string) => {
    setText(next)
    try {
      const doc = JSON.parse(next) as Design
      if (!doc || typeof doc !== 'object' || Array.isArray(doc) || (doc.nodes !== undefined && !Array.isArray(doc.nodes))) throw new Error(t('text.object'))
      setWrong('')
      draft.set(spread(doc), 'text')
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    }
  }
  return <div className="editor" style={{ padding: '0 16px 16px' }}><Textarea aria-label={t('text')} description={t('text.about')} value={text} onChange={(e) => write(e.currentTarget.value)} error={wrong || undefined} autosize minRows={16} maxRows={40} spellCheck={false} /></div>
}
