import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { useSession } from '../../api/session'
import { Confirm } from '../../ui/Confirm'
import { Snippet } from '../../ui/Copy'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Trouble } from '../../ui/State'
import { eachItem } from '../../ui/edit'
import { useAct } from '../../ui/useAct'
import { useEdit } from '../../ui/useEdit'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { departmentNames, departmentText, roleText } from '../../words/words'

const t = words('settings')
const ui = words('ui')

type User = Schemas['User']
type Role = User['role']
type Department = 'marketing' | 'service' | 'product' | 'sales' | 'billing'
type Link = { name: string; url: string }
type Changes = { name: string; role: Role; department: string; disabled: boolean }

const roles: Role[] = ['owner', 'admin', 'marketer', 'service', 'analyst', 'viewer']

/** A link with which somebody sets their own password. */
const invite = (u: User): Promise<Link> => must(api.POST('/api/v1/users/{id}/invite', { params: { path: { id: u.id } } })).then((i) => ({ name: u.name, url: i.url }))

const put = (id: string, body: Changes) => must(api.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body: body as never }))

export function Users() {
  const users = useQuery({ queryKey: ['users'], queryFn: () => must(api.GET('/api/v1/users')) })
  const { data: me } = useSession()
  const [form, setForm] = useState<User | 'new' | null>(null)
  const [removing, setRemoving] = useState<User | null>(null)
  const [link, setLink] = useState<Link | null>(null)
  const remove = useAct({
    done: t('users.removed'), touches: [['users']], after: () => setRemoving(null),
    run: (u: User) => must(api.DELETE('/api/v1/users/{id}', { params: { path: { id: u.id } } })),
  })
  const again = useAct({ run: invite, after: setLink })
  const state = (u: User) => (u.disabled ? <Pill tone="bad">{t('users.disabled')}</Pill> : u.password || u.last_login ? <Pill tone="good">{t('users.active')}</Pill> : <Pill tone="wait">{t('users.invited')}</Pill>)
  return (
    <div className="stack">
      <div className="row between wrap"><p className="soft">{t('users.about')}</p><Button leftSection={<IconPlus size={16} />} onClick={() => setForm('new')}>{t('users.add')}</Button></div>
      <div className="panel">
        <Await query={users}>{({ items }) => (
          <DataTable caption={t('users')} rows={items} rowKey={(u) => u.id} columns={[
            { name: t('users.name'), lead: true, cell: (u) => <><b style={{ fontWeight: 550 }}>{u.name}</b>{u.id === me?.id && <span className="soft"> {t('users.you')}</span>}<div className="soft small">{u.email}</div></> },
            { name: t('users.role'), cell: (u) => roleText(u.role) },
            { name: t('users.department'), cell: (u) => (u.department ? departmentText(u.department) : <span className="soft">–</span>) },
            { name: t('users.state'), kind: 'fit', beside: true, cell: state },
            { name: t('users.last'), kind: 'fit', cell: (u) => <When at={u.last_login} /> },
            { name: '', kind: 'fit', cell: (u) => <span className="row" style={{ gap: 4 }}>
              {!u.disabled && <Button size="compact-sm" variant="subtle" onClick={() => again.mutate(u)} aria-label={t('users.invite-name', { name: u.name })}>{t('users.invite')}</Button>}
              <Button size="compact-sm" variant="subtle" onClick={() => setForm(u)} aria-label={t('users.edit-name', { name: u.name })}>{t('users.edit')}</Button>
              {u.id !== me?.id && <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setRemoving(u)} aria-label={t('users.remove-name', { name: u.name })}>{t('users.remove')}</Button>}
            </span> },
          ]} />
        )}</Await>
      </div>
      <Modal opened={!!form} onClose={() => setForm(null)} title={form === 'new' ? t('users.add') : t('users.edit-name', { name: form?.name ?? '' })}>
        {form && <Fields key={form === 'new' ? 'new' : form.id} user={form === 'new' ? undefined : form} onClose={() => setForm(null)} onInvited={(made) => { setForm(null); setLink(made) }} />}
      </Modal>
      <Modal opened={!!link} onClose={() => setLink(null)} title={t('users.link', { name: link?.name ?? '' })}>
        <div className="stack loose">
          <p>{t('users.link-about')}</p>
          <Snippet text={link?.url ?? ''} label={t('users.link-label')} wrap />
          <div className="row" style={{ justifyContent: 'flex-end' }}><Button onClick={() => setLink(null)}>{t('have-it')}</Button></div>
        </div>
      </Modal>
      <Confirm opened={!!removing} onClose={() => setRemoving(null)} title={t('users.remove-title', { name: removing?.name ?? '' })} action={t('users.remove')} danger busy={remove.isPending} onConfirm={() => removing && remove.mutate(removing)}>
        <p>{t('users.remove-about')}</p>
      </Confirm>
    </div>
  )
}

function Fields({ user, onClose, onInvited }: { user?: User; onClose: () => void; onInvited: (link: Link) => void }) {
  const { data: me } = useSession()
  const [role, setRole] = useState<string | null>(user?.role ?? 'viewer')
  const [department, setDepartment] = useState<string | null>(user?.department || null)
  const [state, setState] = useState<string | null>(user?.disabled ? 'disabled' : 'active')
  const add = useAct({
    quiet: true, touches: [['users']], after: onInvited,
    run: async (f: FormData) => invite(await must(api.POST('/api/v1/users', { body: { email: String(f.get('email')), name: String(f.get('name')), role: role as Role, department: (department as Department | null) ?? undefined } }))),
  })
  const change = useEdit({
    done: t('saved'), touches: [['users']],
    run: ({ was, as }: { was: User; as: Changes }) => put(was.id, as), back: ({ was }) => put(was.id, { name: was.name, role: was.role, department: was.department ?? '', disabled: was.disabled }),
    shown: ({ was, as }) => [{ key: ['users'], as: eachItem<User>((u) => (u.id === was.id ? { ...u, ...as } : u)) }],
  })
  const submit = (f: FormData) => {
    if (!user) return add.mutate(f)
    change.mutate({ was: user, as: { name: String(f.get('name')), role: role as Role, department: department ?? '', disabled: state === 'disabled' } })
    onClose()
  }
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); submit(new FormData(e.currentTarget)) }}>
      {add.isError && <Trouble problem={asProblem(add.error)} />}
      {!user && <TextInput label={t('users.email')} name="email" type="email" required autoComplete="off" data-autofocus />}
      <TextInput label={t('users.name')} name="name" required maxLength={100} defaultValue={user?.name} autoComplete="off" />
      <Select label={t('users.role')} data={roles.filter((r) => r !== 'owner' || me?.role === 'owner').map((value) => ({ value, label: t(`role.${value}`) }))} value={role} onChange={setRole} allowDeselect={false} />
      <Select label={t('users.department')} placeholder={t('users.no-department')} data={departmentNames.map((d) => ({ value: d, label: departmentText(d) }))} value={department} onChange={setDepartment} clearable />
      {user && user.id !== me?.id && <Select label={t('users.state')} data={[{ value: 'active', label: t('users.active') }, { value: 'disabled', label: t('users.disabled-about') }]} value={state} onChange={setState} allowDeselect={false} />}
      <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
        <Button variant="default" onClick={onClose}>{ui('cancel')}</Button>
        <Button type="submit" loading={add.isPending}>{user ? t('save') : t('users.add-and-invite')}</Button>
      </div>
    </form>
  )
}
