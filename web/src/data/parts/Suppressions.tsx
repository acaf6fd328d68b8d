import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { useMay } from '../../api/session'
import { PersonName } from '../../people/parts/PersonName'
import { Confirm } from '../../ui/Confirm'
import { DataTable } from '../../ui/DataTable'
import { Filters } from '../../ui/Filters'
import { More } from '../../ui/More'
import { Pill } from '../../ui/Pill'
import { Empty, Trouble } from '../../ui/State'
import { eachItem } from '../../ui/edit'
import { useEdit } from '../../ui/useEdit'
import { useFilters } from '../../ui/useParams'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import { channelText } from '../../words/words'
import { useSuppressionCounts, useSuppressions } from '../queries'

const t = words('data')
const ui = words('ui')

type Row = Schemas['Suppression']
const reasons = ['hard_bounce', 'complaint', 'manual'] as const
const reasonName = (code: string) => (reasons.includes(code as 'manual') ? t(`suppressed.${code}`) : code)
const idOf = (r: Row) => r.person + r.channel + (r.address ?? '')
const where = (r: Row) => (r.channel === '*' ? t('suppressed.everywhere') : channelText(r.channel))

/** To whom nothing goes, whatever consent says. */
export function Suppressions() {
  const may = useMay()
  const [get, set] = useFilters()
  const [text, setText] = useState(get('q'))
  const [adding, setAdding] = useState(false)
  const [lifting, setLifting] = useState<Row>()
  const [why, setWhy] = useState('')
  const search = useDebouncedCallback((q: string) => set({ q: q.trim() }), 220)
  const counts = useSuppressionCounts()
  const lift = useEdit({
    done: t('suppressed.lifted'), touches: [['suppressions'], ['people']],
    run: ({ row, why }: { row: Row; why: string }) => must(api.POST('/api/v1/suppressions/lift', { body: { person: row.person, channel: row.channel, address: row.address, reason: why } })),
    back: ({ row, why }) => must(api.POST('/api/v1/suppressions', { body: { person: row.person, channel: row.channel, address: row.address, reason: why } })),
    shown: ({ row }) => [{ key: ['suppressions'], all: true, as: eachItem<Row>((r) => (idOf(r) === idOf(row) ? undefined : r)) }],
  })
  const end = () => { setLifting(undefined); setWhy('') }
  return (
    <>
      <div className="row between wrap" style={{ alignItems: 'flex-end', marginBottom: 4 }}>
        <div className="grow">
          <Filters label={t('tab.suppressions')} active={(get('q') ? 1 : 0) + (get('reason') ? 1 : 0)}>
            <TextInput className="wide" type="search" label={t('find')} placeholder={t('suppressed.find')} leftSection={<IconSearch size={16} />} value={text} onChange={(e) => { setText(e.currentTarget.value); search(e.currentTarget.value) }} />
            <Select label={t('reason')} placeholder={t('any')} value={get('reason') || null} onChange={(v) => set({ reason: v })} clearable
              data={reasons.map((r) => ({ value: r, label: `${t(`suppressed.${r}`)} (${count(counts.data?.items.find((c) => c.key === r)?.count ?? 0)})` }))} />
          </Filters>
        </div>
        {may('people:write') && <Button leftSection={<IconPlus size={16} />} style={{ marginBottom: 14 }} onClick={() => setAdding(true)}>{t('suppressed.add')}</Button>}
      </div>
      <div className="panel">
        <More query={useSuppressions(get('q'), get('reason'))} empty={<Empty title={get('q') || get('reason') ? t('suppressed.noFit') : t('suppressed.none')}>{t('suppressed.teach')}</Empty>}>
          {(rows) => (
            <DataTable caption={t('tab.suppressions')} rows={rows} rowKey={idOf} columns={[
              { name: t('suppressed.address'), lead: true, cell: (r) => <>{r.address ? <span className="mono">{r.address}</span> : t('suppressed.allOf')} <span className="soft small">{where(r)}</span></> },
              { name: t('suppressed.person'), cell: (r) => <PersonName id={r.person} /> },
              { name: t('reason'), kind: 'fit', beside: true, cell: (r) => <Pill tone={r.reason === 'manual' ? 'mute' : 'bad'}>{reasonName(r.reason)}</Pill> },
              { name: t('when'), kind: 'fit', cell: (r) => <When at={r.at} /> },
              ...(may('people:write') ? [{ name: '', kind: 'fit' as const, cell: (r: Row) => <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setLifting(r)} aria-label={t('suppressed.liftOf', { what: r.address || where(r) })}>{t('suppressed.lift')}</Button> }] : []),
            ]} />
          )}
        </More>
      </div>
      <Adding opened={adding} onClose={() => setAdding(false)} />
      <Confirm opened={!!lifting} onClose={end} title={t('suppressed.liftTitle')} action={t('suppressed.lift')} onConfirm={() => { if (lifting && why.trim().length >= 3) { lift.mutate({ row: lifting, why }); end() } }}>
        <p>{t('suppressed.liftText')}</p>
        <TextInput label={t('reason')} description={t('reasonAbout')} value={why} onChange={(e) => setWhy(e.currentTarget.value)} minLength={3} maxLength={300} required data-autofocus />
      </Confirm>
    </>
  )
}

function Adding({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [kind, setKind] = useState<string | null>('email')
  const [value, setValue] = useState('')
  const [why, setWhy] = useState('')
  const act = useEdit({
    quiet: true, done: t('suppressed.added'), touches: [['suppressions'], ['people']], after: () => { setValue(''); setWhy(''); onClose() },
    run: (body: Schemas['Suppress']) => must(api.POST('/api/v1/suppressions', { body })), back: (body) => must(api.POST('/api/v1/suppressions/lift', { body })),
  })
  const chosen = { identifier: `${kind}:${value.trim()}`, channel: kind === 'email' ? 'email' : kind === 'phone' ? 'sms' : '*', address: kind === 'email' ? value.trim() : undefined, reason: why }
  return (
    <Modal opened={opened} onClose={onClose} title={t('suppressed.add')}>
      <form className="stack loose" onSubmit={(e) => { e.preventDefault(); act.mutate(chosen) }}>
        {act.isError && <Trouble problem={asProblem(act.error)} />}
        <Select label={t('suppressed.kind')} allowDeselect={false} value={kind} onChange={setKind} data={['email', 'phone', 'user_id'].map((k) => ({ value: k, label: t(`suppressed.kind.${k}`) }))} />
        <TextInput label={t('suppressed.value')} value={value} onChange={(e) => setValue(e.currentTarget.value)} required maxLength={300} data-autofocus />
        <TextInput label={t('reason')} description={t('reasonAbout')} value={why} onChange={(e) => setWhy(e.currentTarget.value)} required minLength={3} maxLength={300} />
        <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onClose}>{ui('cancel')}</Button><Button type="submit" loading={act.isPending}>{t('suppressed.add')}</Button></div>
      </form>
    </Modal>
  )
}
