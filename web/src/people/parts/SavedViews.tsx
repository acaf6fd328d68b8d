import { Button, Checkbox, Menu, Modal, TextInput } from '@mantine/core'
import { IconBookmark, IconCheck, IconLink, IconPlus, IconTrash } from '@tabler/icons-react'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { api, asProblem, must, type Schemas } from '../../api/client'
import { Trouble } from '../../ui/State'
import { eachItem } from '../../ui/edit'
import { useAct } from '../../ui/useAct'
import { useEdit } from '../../ui/useEdit'
import { words } from '../../words/i18n'

const t = words('people')
const ui = words('ui')

type View = Schemas['View']

/** Lists as somebody wants to see them again: saved on the server, each with a link. */
export function SavedViews({ page }: { page: string }) {
  const [search] = useSearchParams()
  const navigate = useNavigate()
  const [saving, setSaving] = useState(false)
  const views = useQuery({ queryKey: ['views', page], queryFn: () => must(api.GET('/api/v1/views', { params: { query: { page } } })) })
  const query = search.toString()
  const items = views.data?.items ?? []
  const here = items.find((v) => v.query === query)
  const drop = useEdit({
    done: t('views.deleted'), touches: [['views']],
    run: (v: View) => must(api.DELETE('/api/v1/views/{id}', { params: { path: { id: v.id } } })),
    back: (v) => must(api.POST('/api/v1/views', { body: { page: v.page, name: v.name, query: v.query, shared: v.shared } })),
    shown: (v) => [{ key: ['views', page], as: eachItem<View>((x) => (x.id === v.id ? undefined : x)) }],
  })
  const share = async () => {
    await navigator.clipboard.writeText(window.location.href)
    notifications.show({ message: t('views.linked'), color: 'teal' })
  }
  return (
    <>
      <Menu position="bottom-start" width={280}>
        <Menu.Target><Button variant="default" leftSection={<IconBookmark size={16} />}>{here?.name ?? t('views')}</Button></Menu.Target>
        <Menu.Dropdown>
          {items.length === 0 && <Menu.Label>{t('views.none')}</Menu.Label>}
          {items.map((v) => (
            <Menu.Item key={v.id} leftSection={v === here ? <IconCheck size={16} /> : <IconBookmark size={16} />} onClick={() => void navigate({ search: v.query })}>
              {v.name}{!v.mine && <span className="soft small"> · {v.owner}</span>}{v.mine && v.shared && <span className="soft small"> · {t('views.shared')}</span>}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={16} />} disabled={!query || !!here} onClick={() => setSaving(true)}>{t('views.save')}</Menu.Item>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => void share()}>{t('views.link')}</Menu.Item>
          {here?.mine && <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => drop.mutate(here)}>{t('views.delete', { name: here.name })}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <Saving page={page} query={query} opened={saving} onClose={() => setSaving(false)} />
    </>
  )
}

function Saving({ page, query, opened, onClose }: { page: string; query: string; opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('')
  const [shared, setShared] = useState(false)
  const save = useAct({
    quiet: true, done: t('views.saved'), touches: [['views']], after: () => { setName(''); onClose() },
    run: () => must(api.POST('/api/v1/views', { body: { page, name, query, shared } })),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('views.save')}>
      <form className="stack loose" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined) }}>
        {save.isError && <Trouble problem={asProblem(save.error)} />}
        <TextInput label={t('views.name')} value={name} onChange={(e) => setName(e.currentTarget.value)} maxLength={80} required data-autofocus />
        <Checkbox label={t('views.forAll')} checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} />
        <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onClose}>{ui('cancel')}</Button><Button type="submit" disabled={!name.trim()} loading={save.isPending}>{t('views.keep')}</Button></div>
      </form>
    </Modal>
  )
}
