import { IconAddressBook, IconBook2, IconChartDots3, IconDatabase, IconHome, IconMail, IconRoute, IconSettings, type Icon } from '@tabler/icons-react'
import type { Permission } from '../api/session'

export type NavItem = { to: string; text: string; about: string; icon: Icon; key: string; need?: Permission; group: 'work' | 'run' }

/** Where one can go. `key` follows g: "g p" goes to people. */
export const nav: NavItem[] = [
  { to: '/', text: 'Home', about: 'How things stand', icon: IconHome, key: 'h', need: 'stats:read', group: 'work' },
  { to: '/people', text: 'People', about: 'Find a customer', icon: IconAddressBook, key: 'p', need: 'people:read', group: 'work' },
  { to: '/segments', text: 'Segments', about: 'Who a rule holds for', icon: IconChartDots3, key: 's', need: 'specs:read', group: 'work' },
  { to: '/journeys', text: 'Journeys', about: 'What happens to whom, and when', icon: IconRoute, key: 'j', need: 'specs:read', group: 'work' },
  { to: '/ledger', text: 'Ledger', about: 'Every decision, and why', icon: IconBook2, key: 'l', need: 'people:read', group: 'work' },
  { to: '/mailbox', text: 'Mailbox', about: 'Mails that the built-in mailbox caught', icon: IconMail, key: 'm', need: 'people:read', group: 'work' },
  { to: '/data', text: 'Data', about: 'Sources, events, imports, what failed', icon: IconDatabase, key: 'd', need: 'stats:read', group: 'run' },
  { to: '/settings', text: 'Settings', about: 'Configuration, keys, users, audit', icon: IconSettings, key: ',', group: 'run' },
]
