import { Modal } from '@mantine/core'
import { useMay } from '../api/session'
import { words } from '../words/i18n'
import { nav, navText } from './nav'
import { useOpened } from './useOpened'

const t = words('shell')

export default function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const may = useMay()
  const keys: [string, string][] = [
    [t('help.find-keys'), t('help.find')],
    ['?', t('help.this')],
    ['Esc', t('help.close')],
    ['u', t('help.undo')],
    ...nav.filter((n) => !n.need || may(n.need)).map((n): [string, string] => [`g  ${n.key}`, t('help.go', { page: navText(n) })]),
  ]
  return (
    <Modal opened={useOpened(opened)} onClose={onClose} title={t('keyboard')}>
      <dl className="kv help">{keys.map(([k, t]) => <div key={k} style={{ display: 'contents' }}><dt><kbd>{k}</kbd></dt><dd>{t}</dd></div>)}</dl>
    </Modal>
  )
}
