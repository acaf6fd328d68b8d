import { IconAddressBook, IconBook2, IconChartDots3, IconDatabase, IconHeartHandshake, IconHome, IconMail, IconRoute, IconSettings, IconSpeakerphone, IconTemplate, type Icon } from '@tabler/icons-react'
import type { Permission } from '../api/session'
import { words } from '../words/i18n'

const t = words('shell')

export type NavItem = { to: string; name: string; icon: Icon; key: string; need?: Permission; group: 'work' | 'run' }

/** Where one can go. `name` has its words in the catalogues (nav.NAME, about.NAME); `key` follows g: "g p" goes to people. */
export const nav: NavItem[] = [
  { to: '/', name: 'home', icon: IconHome, key: 'h', need: 'stats:read', group: 'work' },
  { to: '/people', name: 'people', icon: IconAddressBook, key: 'p', need: 'people:read', group: 'work' },
  { to: '/segments', name: 'segments', icon: IconChartDots3, key: 's', need: 'specs:read', group: 'work' },
  { to: '/journeys', name: 'journeys', icon: IconRoute, key: 'j', need: 'specs:read', group: 'work' },
  { to: '/rules', name: 'rules', icon: IconHeartHandshake, key: 'r', need: 'specs:read', group: 'work' },
  { to: '/broadcasts', name: 'broadcasts', icon: IconSpeakerphone, key: 'b', need: 'specs:read', group: 'work' },
  { to: '/templates', name: 'templates', icon: IconTemplate, key: 't', need: 'specs:read', group: 'work' },
  { to: '/ledger', name: 'ledger', icon: IconBook2, key: 'l', need: 'people:read', group: 'work' },
  { to: '/mailbox', name: 'mailbox', icon: IconMail, key: 'm', need: 'people:read', group: 'work' },
  { to: '/data', name: 'data', icon: IconDatabase, key: 'd', need: 'stats:read', group: 'run' },
  { to: '/settings', name: 'settings', icon: IconSettings, key: ',', group: 'run' },
]

export const navText = (n: NavItem) => t(`nav.${n.name}`)
export const navAbout = (n: NavItem) => t(`about.${n.name}`)
