import { Button, Modal, PasswordInput, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { useSession } from '../../api/session'
import { Confirm } from '../../ui/Confirm'
import { DataTable } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Trouble } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { departmentNames, readable } from '../../words/words'

type User = Schemas['User']
type Role = User['role']
type Department = 'marketing' | 'service' | 'product' | 'sales' | 'billing'

const roles: { value: Role; label: string }[] = [
  { value: 'owner', label: 'Owner: everything' }, { value: 'admin', label: 'Admin: everything but owners' }, { value: 'marketer', label: 'Marketer: segments, journeys, rules' },
  { value: 'service', label: 'Service: customers, notes, merges' }, { value: 'analyst', label: 'Analyst: sees people, asks' }, { value: 'viewer', label: 'Viewer: numbers only, no customers' },
]

export function Users() {
  const users = useQuery({ queryKey: ['users'], queryFn: () => must(api.GET('/api/v1/users')) })
  const { data: me } = useSession()
  const [form, setForm] = useState<User | 'new' | null>(null)
  const [removing, setRemoving] = useState<User | null>(null)
  const remove = useAct({
    done: 'Removed. Their sessions ended.', touches: [['users']], after: () => setRemoving(null),
    run: (u: User) => must(api.DELETE('/api/v1/users/{id}', { params: { path: { id: u.id } } })),
  })
  return (
    <div className="stack">
      <div className="row between wrap"><p className="soft">The people who work here. A role says what they may do.</p><Button leftSection={<IconPlus size={16} />} onClick={() => setForm('new')}>Add somebody</Button></div>
      <div className="panel">
        <Await query={users}>{({ items }) => (
          <DataTable caption="Users" rows={items} rowKey={(u) => u.id} columns={[
            { name: 'Name', lead: true, cell: (u) => <><b style={{ fontWeight: 550 }}>{u.name}</b>{u.id === me?.id && <span className="soft"> (you)</span>}<div className="soft small">{u.email}</div></> },
            { name: 'Role', cell: (u) => readable(u.role) },
            { name: 'Department', cell: (u) => (u.department ? readable(u.department) : <span className="soft">–</span>) },
            { name: 'State', kind: 'fit', beside: true, cell: (u) => (u.disabled ? <Pill tone="bad">Disabled</Pill> : <Pill tone="good">Active</Pill>) },
            { name: 'Last sign-in', kind: 'fit', cell: (u) => <When at={u.last_login} /> },
            { name: '', kind: 'fit', cell: (u) => <span className="row" style={{ gap: 4 }}>
              <Button size="compact-sm" variant="subtle" onClick={() => setForm(u)} aria-label={`Edit ${u.name}`}>Edit</Button>
              {u.id !== me?.id && <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setRemoving(u)} aria-label={`Remove ${u.name}`}>Remove</Button>}
            </span> },
          ]} />
        )}</Await>
      </div>
      <UserForm user={form} onClose={() => setForm(null)} />
      <Confirm opened={!!removing} onClose={() => setRemoving(null)} title={`Remove ${removing?.name}?`} action="Remove" danger busy={remove.isPending} onConfirm={() => removing && remove.mutate(removing)}>
        <p>They can no longer sign in. What they did stays in the audit log.</p>
      </Confirm>
    </div>
  )
}

function UserForm({ user, onClose }: { user: User | 'new' | null; onClose: () => void }) {
  return (
    <Modal opened={!!user} onClose={onClose} title={user === 'new' ? 'Add somebody' : `Edit ${user?.name ?? ''}`}>
      {user && <Fields key={user === 'new' ? 'new' : user.id} user={user === 'new' ? undefined : user} onClose={onClose} />}
    </Modal>
  )
}

function Fields({ user, onClose }: { user?: User; onClose: () => void }) {
  const { data: me } = useSession()
  const [role, setRole] = useState<string | null>(user?.role ?? 'viewer')
  const [department, setDepartment] = useState<string | null>(user?.department || null)
  const [state, setState] = useState<string | null>(user?.disabled ? 'disabled' : 'active')
  const act = useAct({
    quiet: true, done: user ? 'Saved.' : 'They can sign in now.', touches: [['users']], after: onClose,
    run: async (f: FormData) => {
      const name = String(f.get('name'))
      const password = String(f.get('password'))
      if (user) {
        return must(api.PATCH('/api/v1/users/{id}', {
          params: { path: { id: user.id } },
          body: { name, role: role as Role, department: department ?? '', disabled: state === 'disabled', password: password || undefined },
        }))
      }
      return must(api.POST('/api/v1/users', { body: { email: String(f.get('email')), name, role: role as Role, department: (department as Department | null) ?? undefined, password } }))
    },
  })
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); act.mutate(new FormData(e.currentTarget)) }}>
      {act.isError && <Trouble problem={asProblem(act.error)} />}
      {!user && <TextInput label="E-mail address" name="email" type="email" required autoComplete="off" data-autofocus />}
      <TextInput label="Name" name="name" required maxLength={100} defaultValue={user?.name} autoComplete="off" />
      <Select label="Role" data={roles.filter((r) => r.value !== 'owner' || me?.role === 'owner')} value={role} onChange={setRole} allowDeselect={false} />
      <Select label="Department" placeholder="None" data={departmentNames.map((d) => ({ value: d, label: readable(d) }))} value={department} onChange={setDepartment} clearable />
      {user && user.id !== me?.id && <Select label="State" data={[{ value: 'active', label: 'Active' }, { value: 'disabled', label: 'Disabled: cannot sign in' }]} value={state} onChange={setState} allowDeselect={false} />}
      <PasswordInput label={user ? 'New password' : 'Password'} name="password" description={user ? 'Leave it empty to keep the old one. A new one ends their sessions.' : 'At least 12 characters. Give it to them; they change it after signing in.'} required={!user} minLength={12} autoComplete="new-password" />
      <div className="row" style={{ justifyContent: 'flex-end', marginTop: 6 }}>
        <Button variant="default" onClick={onClose}>Cancel</Button>
        <Button type="submit" loading={act.isPending}>{user ? 'Save' : 'Add'}</Button>
      </div>
    </form>
  )
}
