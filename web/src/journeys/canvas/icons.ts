import { IconArrowsSplit, IconBell, IconChecklist, IconClock, IconFlag, IconGitBranch, IconMail, IconPencil, IconScale, IconWebhook, type Icon } from '@tabler/icons-react'
import type { Kind } from '../design'

export const icons: Record<Kind, Icon> = {
  message: IconMail, wait: IconClock, wait_for: IconBell, branch: IconGitBranch, split: IconArrowsSplit, holdout: IconScale,
  update: IconPencil, task: IconChecklist, webhook: IconWebhook, end: IconFlag,
}

/** What is dragged from the palette. */
export const carried = 'application/x-heed-node'
