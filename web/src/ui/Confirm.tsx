import { Button, Modal, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { words } from '../words/i18n'

const t = words('ui')

/** Asks before something that cannot be taken back, or that many would feel. */
export function Confirm({ opened, onClose, title, children, action, danger, type, busy, onConfirm }: {
  opened: boolean
  onClose: () => void
  title: string
  children: ReactNode
  action: string
  danger?: boolean
  /** A word that has to be typed first. */
  type?: string
  busy?: boolean
  onConfirm: () => void
}) {
  const [typed, setTyped] = useState('')
  return (
    <Modal opened={opened} onClose={onClose} title={title} onExitTransitionEnd={() => setTyped('')}>
      <form className="stack loose" onSubmit={(e) => { e.preventDefault(); onConfirm() }}>
        <div className="stack">{children}</div>
        {type && <TextInput label={t('type', { text: type })} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-autofocus autoComplete="off" />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" color={danger ? 'red.9' : undefined} loading={busy} disabled={!!type && typed !== type}>{action}</Button>
        </div>
      </form>
    </Modal>
  )
}
