import { Menu, Textarea, TextInput, ActionIcon } from '@mantine/core'
import { IconBraces } from '@tabler/icons-react'
import { words } from '../../words/i18n'
import { useTraits, type Body } from '../queries'

const t = words('templates')

/** Everything of a template besides its design. */
export function Details({ body, change, name, setName }: { body: Body; change: (part: Partial<Body>) => void; name: string; setName?: (name: string) => void }) {
  const mail = body.channel === 'email'
  return (
    <div className="stack loose" style={{ maxWidth: 760 }}>
      {setName && <TextInput label={t('name')} description={t('name.what')} required value={name} maxLength={64} onChange={(e) => setName(e.currentTarget.value.replace(/[^A-Za-z0-9_.-]/g, '-'))} data-autofocus />}
      <TextInput label={t('titled')} value={body.title ?? ''} maxLength={120} onChange={(e) => change({ title: e.currentTarget.value })} />
      {mail ? <>
        <TextInput label={t('subject')} required value={body.subject ?? ''} onChange={(e) => change({ subject: e.currentTarget.value })} rightSection={<Insert onPick={(x) => change({ subject: `${body.subject ?? ''}${x}` })} />} />
        <TextInput label={t('preheader')} description={t('preheader.what')} value={body.preheader ?? ''} onChange={(e) => change({ preheader: e.currentTarget.value })} rightSection={<Insert onPick={(x) => change({ preheader: `${body.preheader ?? ''}${x}` })} />} />
        <Textarea label={t('text')} description={t('text.what')} className="editor" autosize minRows={4} maxRows={18} value={body.text ?? ''} onChange={(e) => change({ text: e.currentTarget.value })} />
      </> : <Textarea label={t('body')} description={t('body.what')} className="editor" autosize minRows={10} maxRows={28} value={body.body ?? ''} onChange={(e) => change({ body: e.currentTarget.value })} />}
    </div>
  )
}

/** Puts {{ person.trait }} behind what is there. */
function Insert({ onPick }: { onPick: (text: string) => void }) {
  const traits = useTraits()
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={t('insert')}><IconBraces size={16} /></ActionIcon></Menu.Target>
      <Menu.Dropdown mah={300} style={{ overflowY: 'auto' }}>
        {['first_name', ...(traits.data ?? []).filter((x) => x !== 'first_name')].map((x) => <Menu.Item key={x} onClick={() => onPick(`{{ person.${x} }}`)}><code>person.{x}</code></Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  )
}
