import { Button } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { api, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { Confirm } from '../../ui/Confirm'
import { Panel } from '../../ui/Page'
import { Await } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { nameless, traitText } from '../../words/words'
import { personKey, type Person } from '../queries'
import { place, type Graph } from './graph'
import './people.css'

const t = words('people')

export function useGraph(id: string) {
  return useQuery({ queryKey: [...personKey(id), 'identities'], queryFn: () => must(api.GET('/api/v1/people/{id}/identities', { params: { path: { id } } })) })
}

/** How the identifiers hang together, and the merges that can be taken back. */
export function IdentityGraph({ person }: { person: Person }) {
  const graph = useGraph(person.id)
  return (
    <Panel title={t('graph.title')}>
      <Await query={graph} lines={4}>{(g) => (
        <div className="stack loose">
          {g.nodes.length > 1 ? <Picture g={g} name={person.name || nameless(person.id)} /> : <p className="soft">{t('graph.one')}</p>}
          {g.merged.length > 0 && <Merged person={person} g={g} />}
        </div>
      )}</Await>
    </Panel>
  )
}

const cut = (s: string, most: number) => (s.length > most ? `${s.slice(0, most - 1)}…` : s)

function Picture({ g, name }: { g: Graph; name: string }) {
  const { ref, width: measured } = useElementSize()
  const width = Math.max(300, Math.round(measured))
  const half = width < 520 ? 70 : 92
  const height = Math.min(420, 150 + Math.min(14, g.nodes.length) * (width < 520 ? 34 : 22))
  const placed = place({ ...g, nodes: g.nodes.slice(0, 14) }, width, height, half)
  const at = new Map(placed.map((p) => [p.id, p]))
  const text = placed.map((p) => `${traitText(p.namespace)} ${p.value}`).join(', ')
  return (
    <figure ref={ref}>
      <svg className="graph" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('graph.picture', { name, text })}>
        {g.links.map((l) => {
          const a = at.get(l.from)
          const b = at.get(l.to)
          return a && b && <line key={l.from + l.to + String(l.merge)} x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke={l.merge ? 'var(--accent)' : 'var(--line-strong)'} strokeWidth={l.merge ? 2 : 1.5} strokeDasharray={l.public ? '4 4' : undefined} />
        })}
        {placed.map((p) => (
          <g key={p.id}>
            <rect x={p.x - half} y={p.y - 20} width={2 * half} height={40} rx={8} fill="var(--surface)" stroke={p.flag ? 'var(--wait)' : 'var(--line-strong)'} />
            <text className="soft-text" x={p.x} y={p.y - 4} textAnchor="middle">{traitText(p.namespace)}</text>
            <text x={p.x} y={p.y + 12} textAnchor="middle">{cut(p.value, half < 92 ? 18 : 24)}</text>
          </g>
        ))}
      </svg>
      <figcaption className="soft small">{t('graph.legend')}{g.nodes.length > 14 && ` ${t('graph.more', { n: g.nodes.length - 14 })}`}</figcaption>
    </figure>
  )
}

type MergedOne = Schemas['MergedPerson']

function Merged({ person, g }: { person: Person; g: Graph }) {
  const may = useMay()
  const [undoing, setUndoing] = useState<MergedOne>()
  const split = useAct({
    done: t('graph.undone'), touches: [personKey(person.id), ['people']], after: () => setUndoing(undefined),
    run: (m: MergedOne) => must(api.POST('/api/v1/people/{id}/split', { params: { path: { id: person.id } }, body: { identifiers: m.identifiers } })),
  })
  return (
    <section>
      <h3 className="eyebrow">{t('graph.merged')}</h3>
      <ul className="stack" style={{ marginTop: 6 }}>
        {g.merged.map((m) => (
          <li key={m.id} className="row between wrap">
            <span>{nameless(m.id)} <span className="soft small"><When at={m.at} /></span>{m.identifiers.length > 0 && <span className="soft small"> · {m.identifiers.join(', ')}</span>}</span>
            {may('people:merge') && m.identifiers.length > 0 && <Button size="compact-sm" variant="light" leftSection={<IconArrowBackUp size={14} />} onClick={() => setUndoing(m)}>{t('graph.undo')}</Button>}
          </li>
        ))}
      </ul>
      <Confirm opened={!!undoing} onClose={() => setUndoing(undefined)} title={t('graph.undoTitle')} action={t('graph.undo')} busy={split.isPending} onConfirm={() => undoing && split.mutate(undoing)}>
        <p>{t('graph.undoText', { what: undoing?.identifiers.join(', ') ?? '' })}</p>
      </Confirm>
    </section>
  )
}
