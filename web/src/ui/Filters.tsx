import { Button, Indicator } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { words } from '../words/i18n'

const t = words('ui')

/** A row of filters; on a phone they open on demand. */
export function Filters({ label, active, children }: { label: string; active: number; children: ReactNode }) {
  const narrow = useMediaQuery('(max-width: 720px)', false, { getInitialValueInEffect: false })
  const [open, setOpen] = useState(false)
  return (
    <>
      {narrow && (
        <Indicator disabled={!active} label={active} size={16} mb={12} inline>
          <Button variant="default" size="compact-md" leftSection={<IconAdjustmentsHorizontal size={15} />} aria-expanded={open} onClick={() => setOpen(!open)}>{t('filter')}</Button>
        </Indicator>
      )}
      {(!narrow || open) && <div className="filters" role="search" aria-label={label}>{children}</div>}
    </>
  )
}
