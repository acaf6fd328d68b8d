import { Button, Modal, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { Snippet } from '../../ui/Copy'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { plural } from '../../words/numbers'
import { channelText, readable } from '../../words/words'
import { useSources, type Source } from '../queries'
import { snippets } from '../snippets'

export function Sources() {
  const may = useMay()
  const [chosen, setChosen] = useState<Source | null>(null)
  const add = may('specs:write') && may('data:manage') && <Button component={Link} to="/settings/configuration?new=source" variant="default" leftSection={<IconPlus size={16} />}>New source</Button>
  return (
    <div className="stack">
      {add && <div className="row" style={{ justifyContent: 'flex-end' }}>{add}</div>}
      <div className="panel">
        <Await query={useSources()}>{({ items }) => items.length ? (
          <DataTable caption="Sources" rows={items} rowKey={(s) => s.name} columns={[
            { name: 'Source', lead: true, cell: (s) => <><b style={{ fontWeight: 550 }}>{s.title || readable(s.name)}</b><div className="soft small">{s.name}{!s.configured && ' · has a key, but no document'}</div></> },
            { name: 'Touchpoint', cell: (s) => s.touchpoint || '–' },
            { name: 'Channel', cell: (s) => (s.channel ? channelText(s.channel) : '–') },
            { name: 'Who speaks', wide: true, cell: (s) => (s.direction === 'outbound' ? 'We do' : 'They do') },
            { name: 'Department', cell: (s) => (s.department ? readable(s.department) : '–') },
            { name: 'Keys', kind: 'fit', cell: (s) => (s.keys ? <Pill tone="good">{plural(s.keys, 'key')}</Pill> : <Pill tone="wait">No key yet</Pill>) },
            { name: '', kind: 'fit', beside: true, cell: (s) => <Button size="compact-sm" variant="light" leftSection={<IconPlugConnected size={14} />} onClick={() => setChosen(s)} aria-label={`Connect ${s.title || s.name}`}>Connect</Button> },
          ]} />
        ) : <Empty title="No sources yet" action={add}>A source is where events come from: a web shop, a till, a call centre. It says whose touchpoint it is.</Empty>}</Await>
      </div>
      <Modal opened={!!chosen} onClose={() => setChosen(null)} title={`Connect ${chosen?.title || chosen?.name || ''}`} size="xl">{chosen && <Connect source={chosen} />}</Modal>
    </div>
  )
}

function Connect({ source }: { source: Source }) {
  const may = useMay()
  const [way, setWay] = useState('curl')
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => must(api.GET('/api/v1/keys')), enabled: may('keys:manage') })
  const key = keys.data?.items.find((k) => k.kind === 'write' && k.source === source.name && !k.revoked)?.key
  const make = useAct({
    done: 'The key works from now on.', touches: [['keys'], ['sources']],
    run: () => must(api.POST('/api/v1/keys', { body: { kind: 'write', name: source.title || source.name, source: source.name } })),
  })
  const all = snippets(location.origin, key ?? 'WRITE_KEY')
  const one = all.find((s) => s.key === way)!
  return (
    <div className="stack loose">
      {key ? <div><div className="eyebrow" style={{ marginBottom: 6 }}>Write key</div><Snippet text={key} label="The write key" /></div>
        : may('keys:manage') ? <div className="note-box row between wrap"><span>This source has no write key yet.</span><Button size="compact-sm" loading={make.isPending} onClick={() => make.mutate(undefined)}>Make one</Button></div>
          : <div className="note-box">Ask an administrator for the write key of this source and put it in place of WRITE_KEY.</div>}
      <div style={{ overflowX: 'auto' }}><SegmentedControl size="sm" value={way} onChange={setWay} data={all.map((s) => ({ value: s.key, label: s.label }))} aria-label="How to send" /></div>
      <p className="soft">{one.about} Any Segment or RudderStack SDK works: point it at <code>{location.origin}</code>.</p>
      <Snippet text={one.text} label={`${one.label} snippet`} />
      <p className="soft small">Then watch it arrive <Link to="/">live on the home page</Link>. What is refused, and why, is under <Link to="/data/dead-letters">dead letters</Link>.</p>
    </div>
  )
}
