import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { words } from '../words/i18n'

const t = words('ui')

export function Copy({ value, label = t('copy') }: { value: string; label?: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('copied') : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={copied ? t('copied') : label} className="above">
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** Text to be copied: a snippet, a key. */
export function Snippet({ text, label, wrap }: { text: string; label: string; wrap?: boolean }) {
  return (
    <div style={{ position: 'relative' }}>
      <pre className={wrap ? 'code wrap' : 'code'} tabIndex={0} role="region" aria-label={label} style={{ paddingRight: 44 }}>{text}</pre>
      <div style={{ position: 'absolute', top: 8, right: 8, background: 'var(--sunk)' }}><Copy value={text} label={t('copy.this', { what: label })} /></div>
    </div>
  )
}

/** Any value as JSON to be read. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return <pre className="code wrap" tabIndex={0} role="region" aria-label={label} style={{ maxHeight: 420 }}>{JSON.stringify(value, null, 2)}</pre>
}
