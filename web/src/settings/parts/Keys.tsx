import { Button, Modal, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { useSession } from '../../api/session'
import { useSpecNames } from '../../people/queries'
import { Confirm } from '../../ui/Confirm'
import { Copy, Snippet } from '../../ui/Copy'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty, Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'

type Key = Schemas['Key']

export function Keys() {
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => must(api.GET('/api/v1/keys')) })
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<Key | null>(null)
  const revoke = useAct({
    done: 'Revoked. It stops to work within seconds, everywhere.', touches: [['keys'], ['sources']], after: () => setEnding(null),
    run: (k: Key) => must(api.DELETE('/api/v1/keys/{id}', { params: { path: { id: k.id } } })),
  })
  return (
    <div className="stack">
      <div className="row between wrap"><p className="soft">Write keys are public and only send events. API keys are secret and may what their scopes say.</p><Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>New key</Button></div>
      <div className="panel">
        <Await query={keys}>{({ items }) => items.length ? (
          <DataTable caption="Keys" rows={[...items].sort((a, b) => Number(!!a.revoked) - Number(!!b.revoked))} rowKey={(k) => k.id} columns={[
            { name: 'Key', lead: true, cell: (k) => <><b style={{ fontWeight: 550 }}>{k.name}</b><div className="soft small mono row" style={{ gap: 4 }}><span className="cut">{k.key ?? `${k.prefix ?? ''}…`}</span>{k.key && <Copy value={k.key} label={`Copy ${k.name}`} />}</div></> },
            { name: 'Kind', kind: 'fit', cell: (k) => (k.kind === 'write' ? 'Write' : 'API') },
            { name: 'May', cell: (k) => (k.kind === 'write' ? <span>send events{k.source && <> as <b style={{ fontWeight: 550 }}>{k.source}</b></>}</span> : k.scopes.join(', ')) },
            { name: 'State', kind: 'fit', beside: true, cell: (k) => (k.revoked ? <Pill tone="bad">Revoked</Pill> : k.expires && Date.parse(k.expires) < Date.now() ? <Pill tone="wait">Expired</Pill> : <Pill tone="good">In force</Pill>) },
            { name: 'Used', kind: 'fit', cell: (k) => <When at={k.used} /> },
            { name: 'Made', kind: 'fit', cell: (k) => <When at={k.made} /> },
            { name: '', kind: 'fit', cell: (k) => (k.revoked ? null : <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setEnding(k)} aria-label={`Revoke ${k.name} ${k.source ?? ''}`}>Revoke</Button>) },
          ]} />
        ) : <Empty title="No keys yet">A source needs a write key; a script that asks or changes needs an API key.</Empty>}</Await>
      </div>
      <MakeKey opened={making} onClose={() => setMaking(false)} />
      <Confirm opened={!!ending} onClose={() => setEnding(null)} title={`Revoke “${ending?.name}”?`} action="Revoke" danger busy={revoke.isPending} onConfirm={() => ending && revoke.mutate(ending)}>
        <p>Whatever uses it is refused from then on. A revoked key stays revoked.</p>
      </Confirm>
    </div>
  )
}

const roles = ['admin', 'marketer', 'service', 'analyst', 'viewer']

function MakeKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { data: me } = useSession()
  const sources = useSpecNames('source')
  const [kind, setKind] = useState<'write' | 'api'>('write')
  const [source, setSource] = useState<string | null>(null)
  const [scopes, setScopes] = useState<string[]>([])
  const make = useAct({
    quiet: true, touches: [['keys'], ['sources']],
    run: (name: string) => must(api.POST('/api/v1/keys', { body: { kind, name, source: kind === 'write' ? source ?? undefined : undefined, scopes: kind === 'api' ? scopes : undefined } })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={make.data ? 'The new key' : 'New key'} onExitTransitionEnd={() => make.reset()}>
      {make.data ? (
        <div className="stack loose">
          {make.data.kind === 'api' && <div className="note-box">This is the only time that it is shown. Put it where secrets are kept.</div>}
          <Snippet text={make.data.key ?? ''} label="The key" wrap />
          <div className="row" style={{ justifyContent: 'flex-end' }}><Button onClick={onClose}>I have it</Button></div>
        </div>
      ) : (
        <form className="stack" onSubmit={(e) => { e.preventDefault(); make.mutate(String(new FormData(e.currentTarget).get('name'))) }}>
          {make.isError && <Trouble problem={asProblem(make.error)} />}
          <SegmentedControl value={kind} onChange={(v) => setKind(v as 'write')} data={[{ value: 'write', label: 'Write key' }, { value: 'api', label: 'API key' }]} aria-label="Kind" />
          <TextInput label="What it is for" name="name" required maxLength={100} placeholder={kind === 'write' ? 'Web shop' : 'Warehouse sync'} data-autofocus />
          {kind === 'write'
            ? <Select label="Source" data={sources.data ?? []} value={source} onChange={setSource} required searchable description="Whose events it carries." />
            : <MultiSelect label="Scopes" data={[{ group: 'Roles', items: roles }, { group: 'Permissions', items: me?.permissions ?? [] }]} value={scopes} onChange={setScopes} required searchable description="A key never may more than you." />}
          <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={make.isPending} disabled={kind === 'write' ? !source : !scopes.length}>Make it</Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
