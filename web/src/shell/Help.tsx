import { Modal } from '@mantine/core'
import { useMay } from '../api/session'
import { nav } from './nav'

export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const may = useMay()
  const keys: [string, string][] = [
    ['Ctrl K  or  /', 'Find anything: a person, a page, a journey'],
    ['?', 'This list'],
    ['Esc', 'Close what is open'],
    ...nav.filter((n) => !n.need || may(n.need)).map((n): [string, string] => [`g  ${n.key}`, `Go to ${n.text}`]),
  ]
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard">
      <dl className="kv help">{keys.map(([k, t]) => <div key={k} style={{ display: 'contents' }}><dt><kbd>{k}</kbd></dt><dd>{t}</dd></div>)}</dl>
    </Modal>
  )
}
