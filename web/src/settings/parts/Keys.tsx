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
import { words } from '../../words/i18n'

const t = words('settings')
const ui = words('ui')

type Key = Schemas['Key']

export function Keys() {
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => must(api.GET('/api/v1/keys')) })
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<Key | null>(null)
  const revoke = useAct({
    done: t('keys.revoked-done'), touches: [['keys'], ['sources']], after: () => setEnding(null),
    run: (k: Key) => must(api.DELETE('/api/v1/keys/{id}', { params: { path: { id: k.id } } })),
  })
  return (
    <div className="stack">
      <div className="row between wrap"><p className="soft">{t('keys.about')}</p><Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>{t('keys.new')}</Button></div>
      <div className="panel">
        <Await query={keys}>{({ items }) => items.length ? (
          <DataTable caption={t('tab.keys')} rows={[...items].sort((a, b) => Number(!!a.revoked) - Number(!!b.revoked))} rowKey={(k) => k.id} columns={[
            { name: t('keys.key'), lead: true, cell: (k) => <><b style={{ fontWeight: 550 }}>{k.name}</b><div className="soft small mono row" style={{ gap: 4 }}><span className="cut">{k.key ?? `${k.prefix ?? ''}…`}</span>{k.key && <Copy value={k.key} label={ui('copy.this', { what: k.name })} />}</div></> },
            { name: t('keys.kind'), kind: 'fit', cell: (k) => (k.kind === 'write' ? t('keys.write') : t('keys.api')) },
            { name: t('keys.may'), cell: (k) => (k.kind === 'write' ? (k.source ? t('keys.sends-as', { source: k.source }) : t('keys.sends')) : k.scopes.join(', ')) },
            { name: t('users.state'), kind: 'fit', beside: true, cell: (k) => (k.revoked ? <Pill tone="bad">{t('keys.revoked')}</Pill> : k.expires && Date.parse(k.expires) < Date.now() ? <Pill tone="wait">{t('keys.expired')}</Pill> : <Pill tone="good">{t('keys.in-force')}</Pill>) },
            { name: t('keys.used'), kind: 'fit', cell: (k) => <When at={k.used} /> },
            { name: t('keys.made'), kind: 'fit', cell: (k) => <When at={k.made} /> },
            { name: '', kind: 'fit', cell: (k) => (k.revoked ? null : <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setEnding(k)} aria-label={t('keys.revoke-name', { name: `${k.name} ${k.source ?? ''}`.trim() })}>{t('keys.revoke')}</Button>) },
          ]} />
        ) : <Empty title={t('keys.none')}>{t('keys.none-about')}</Empty>}</Await>
      </div>
      <MakeKey opened={making} onClose={() => setMaking(false)} />
      <Confirm opened={!!ending} onClose={() => setEnding(null)} title={t('keys.revoke-title', { name: ending?.name ?? '' })} action={t('keys.revoke')} danger busy={revoke.isPending} onConfirm={() => ending && revoke.mutate(ending)}>
        <p>{t('keys.revoke-about')}</p>
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
    <Modal opened={opened} onClose={onClose} title={make.data ? t('keys.the-new') : t('keys.new')} onExitTransitionEnd={() => make.reset()}>
      {make.data ? (
        <div className="stack loose">
          {make.data.kind === 'api' && <div className="note-box">{t('keys.once')}</div>}
          <Snippet text={make.data.key ?? ''} label={t('keys.the')} wrap />
          <div className="row" style={{ justifyContent: 'flex-end' }}><Button onClick={onClose}>{t('have-it')}</Button></div>
        </div>
      ) : (
        <form className="stack" onSubmit={(e) => { e.preventDefault(); make.mutate(String(new FormData(e.currentTarget).get('name'))) }}>
          {make.isError && <Trouble problem={asProblem(make.error)} />}
          <SegmentedControl value={kind} onChange={(v) => setKind(v as 'write')} data={[{ value: 'write', label: t('keys.write-key') }, { value: 'api', label: t('keys.api-key') }]} aria-label={t('keys.kind')} />
          <TextInput label={t('keys.for')} name="name" required maxLength={100} placeholder={kind === 'write' ? t('keys.for-write') : t('keys.for-api')} data-autofocus />
          {kind === 'write'
            ? <Select label={t('keys.source')} data={sources.data ?? []} value={source} onChange={setSource} required searchable description={t('keys.source-about')} />
            : <MultiSelect label={t('keys.scopes')} data={[{ group: t('keys.roles'), items: roles }, { group: t('keys.permissions'), items: me?.permissions ?? [] }]} value={scopes} onChange={setScopes} required searchable description={t('keys.scopes-about')} />}
          <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
            <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
            <Button type="submit" loading={make.isPending} disabled={kind === 'write' ? !source : !scopes.length}>{t('keys.make')}</Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
