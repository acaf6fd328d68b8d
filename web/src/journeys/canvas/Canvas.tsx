import { Menu } from '@mantine/core'
import { BaseEdge, Controls, EdgeLabelRenderer, Handle, Position, ReactFlow, type EdgeProps, type NodeProps } from '@xyflow/react'
import { IconBolt, IconFlag, IconPlus, IconQuestionMark } from '@tabler/icons-react'
import { createContext, useContext, useMemo, type CSSProperties } from 'react'
import { words } from '../../words/i18n'
import { describe, describeTrigger, end, kindOf, kinds, start, type Design, type Kind } from '../design'
import { carried, icons } from './icons'
import { draw, type JourneyLine, type JourneyNode } from './draw'
import type { Spot } from '../edit/doc'
import '@xyflow/react/dist/base.css'
import './canvas.css'

const t = words('journeys')

/** What may be put on a node from outside: a line of numbers, a colour. */
export type Mark = { badge?: React.ReactNode; tone?: 'good' | 'bad' | 'wait' | 'accent' | 'dim'; label?: string }

export type CanvasProps = {
  design: Design
  label: string
  selected?: string
  onSelect?: (id: string) => void
  marks?: Map<string, Mark>
  /** Ways that were taken, as "from>to". */
  taken?: Set<string>
  edit?: {
    onAdd: (kind: Kind, spot: Spot) => void
    onConnect: (from: string, port: string, to: string) => void
    onRemove: (id: string) => void
  }
}

const Bench = createContext<Omit<CanvasProps, 'design' | 'label'>>({})

/** The journey, drawn by itself; with `edit` it can be changed. */
export default function Canvas({ design, label, ...bench }: CanvasProps) {
  const editing = !!bench.edit
  const { nodes, lines, height } = useMemo(() => draw(design, editing), [design, editing])
  const lit = bench.taken
  const edges = useMemo(() => (lit ? lines.map((l) => ({ ...l, className: lit.has(`${l.source}>${l.target}`) ? 'taken' : 'dim' })) : lines), [lines, lit])
  return (
    <Bench.Provider value={bench}>
      <div className="canvas" style={{ '--tall': `${Math.min(780, Math.max(300, height * 0.86 + 60))}px` } as CSSProperties} role="region" aria-label={label}>
        <ReactFlow<JourneyNode, JourneyLine> key={`${editing}`} nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes}
          nodesDraggable={false} nodesConnectable={editing} nodesFocusable={false} edgesFocusable={false} elementsSelectable={false} deleteKeyCode={null} selectionKeyCode={null}
          preventScrolling={false} zoomOnScroll={false} zoomOnDoubleClick={false} panOnScroll={false} minZoom={0.25} maxZoom={1.4} fitView fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
          onConnect={(c) => bench.edit?.onConnect(c.source, c.sourceHandle ?? 'next', c.target)} proOptions={{ hideAttribution: true }}
          ariaLabelConfig={{ 'node.a11yDescription.default': '', 'node.a11yDescription.keyboardDisabled': '', 'edge.a11yDescription.default': '', 'controls.zoomIn.ariaLabel': t('canvas.in'), 'controls.zoomOut.ariaLabel': t('canvas.out'), 'controls.fitView.ariaLabel': t('canvas.fit') }}>
          <Controls showInteractive={false} position="bottom-right" aria-label={t('canvas.zoom')} />
        </ReactFlow>
      </div>
    </Bench.Provider>
  )
}

function Step({ id, data }: NodeProps<JourneyNode>) {
  const { selected, onSelect, marks, edit } = useContext(Bench)
  const n = data.node!
  const kind = kindOf(n)
  const NodeIcon = (kind && icons[kind]) ?? IconQuestionMark
  const { what, detail } = describe(n)
  const mark = marks?.get(id)
  const first = data.ports[0]
  return (
    <div className={`jnode ${kind ?? ''} ${mark?.tone ? `tone-${mark.tone}` : ''} ${selected === id ? 'chosen' : ''}`}
      onDragOver={edit && first ? (e) => { if (e.dataTransfer.types.includes(carried)) e.preventDefault() } : undefined}
      onDrop={edit && first ? (e) => { e.preventDefault(); edit.onAdd(e.dataTransfer.getData(carried) as Kind, { after: id, port: first.port }) } : undefined}>
      <Handle type="target" position={Position.Top} isConnectable={!!edit} />
      <button type="button" className="nodrag nopan" data-node={id} aria-pressed={onSelect ? selected === id : undefined} onClick={() => onSelect?.(selected === id ? '' : id)} onKeyDown={(e) => walk(e, id, data.design, edit?.onRemove)} title={`${id}: ${what}${detail ? `, ${detail}` : ''}`}>
        <NodeIcon size={17} aria-hidden="true" stroke={1.8} />
        <span className="say"><b>{what}</b>{detail && <span className="detail">{detail}</span>}{mark?.label && <span className="sr">{mark.label}</span>}</span>
        {mark?.badge && <span className="badge">{mark.badge}</span>}
      </button>
      {edit && data.ports.map((p, i) => (
        <Handle key={p.port} id={p.port} type="source" position={Position.Bottom} style={{ left: `${((i + 1) / (data.ports.length + 1)) * 100}%` }} title={p.label} />
      ))}
      {!edit && <Handle type="source" position={Position.Bottom} isConnectable={false} />}
    </div>
  )
}

/** Arrow keys walk along the edges, Delete takes a node away. */
function walk(e: React.KeyboardEvent, id: string, design: Design, remove?: (id: string) => void) {
  const ids = [...(design.nodes ?? []).map((n) => n.id)]
  const focus = (to: string | undefined) => {
    if (!to) return
    e.preventDefault()
    document.querySelector<HTMLButtonElement>(`[data-node="${CSS.escape(to)}"]`)?.focus()
  }
  if (e.key === 'ArrowDown' || e.key === 'ArrowRight') focus(ids[ids.indexOf(id) + 1])
  else if (e.key === 'ArrowUp' || e.key === 'ArrowLeft') focus(ids[ids.indexOf(id) - 1])
  else if ((e.key === 'Delete' || e.key === 'Backspace') && remove) {
    e.preventDefault()
    remove(id)
    focus(ids[ids.indexOf(id) - 1] ?? ids[1])
  }
}

function Start({ data }: NodeProps<JourneyNode>) {
  const { selected, onSelect, marks } = useContext(Bench)
  const mark = marks?.get(start)
  const inner = (
    <>
      <IconBolt size={17} aria-hidden="true" />
      <span className="say"><span className="detail">{t('starts-with')}</span><b>{describeTrigger(data.design.trigger)}</b></span>
      {mark?.badge && <span className="badge">{mark.badge}</span>}
    </>
  )
  return (
    <div className={`jnode start ${mark?.tone ? `tone-${mark.tone}` : ''} ${selected === start ? 'chosen' : ''}`}>
      {onSelect ? <button type="button" className="nodrag nopan" data-node={start} aria-pressed={selected === start} onClick={() => onSelect(selected === start ? '' : start)}>{inner}</button> : <div className="plain">{inner}</div>}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  )
}

function Stop() {
  return <div className="jnode stop"><Handle type="target" position={Position.Top} id={end} isConnectable /><IconFlag size={14} aria-hidden="true" /><span>{t('node.end')}</span></div>
}

function Line({ id, data, markerEnd }: EdgeProps<JourneyLine>) {
  const { edit } = useContext(Bench)
  if (!data) return null
  const spot: Spot = data.from === start ? 'first' : { after: data.from, port: data.port ?? 'next' }
  const where = data.from === start ? t('add.first') : t('add.after', { node: data.from, way: data.label ?? '' })
  return (
    <>
      <BaseEdge id={id} path={data.path} markerEnd={markerEnd} style={data.back ? { strokeDasharray: '4 4' } : undefined} />
      {(data.label || edit) && (
        <EdgeLabelRenderer>
          <div className={`line-label nodrag nopan ${data.tone ?? 'mute'}`} style={{ transform: `translate(-50%, -50%) translate(${data.at.x}px, ${data.at.y}px)` }}>
            {data.label && <span>{data.label}</span>}
            {edit && (
              <Menu withinPortal position="right-start">
                <Menu.Target>
                  <button type="button" aria-label={where} title={where} onDragOver={(e) => { if (e.dataTransfer.types.includes(carried)) e.preventDefault() }} onDrop={(e) => { e.preventDefault(); e.stopPropagation(); edit.onAdd(e.dataTransfer.getData(carried) as Kind, spot) }}><IconPlus size={13} aria-hidden="true" /></button>
                </Menu.Target>
                <Menu.Dropdown>
                  {kinds.map((kind) => {
                    const KindIcon = icons[kind]
                    return <Menu.Item key={kind} leftSection={<KindIcon size={15} />} onClick={() => edit.onAdd(kind, spot)}>{t(`node.${kind}`)}</Menu.Item>
                  })}
                </Menu.Dropdown>
              </Menu>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  )
}

const nodeTypes = { step: Step, start: Start, stop: Stop }
const edgeTypes = { line: Line }
