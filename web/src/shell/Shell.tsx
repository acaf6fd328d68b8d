import { ActionIcon, Burger, Menu, useMantineColorScheme } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { IconDeviceDesktop, IconKeyboard, IconKey, IconLanguage, IconLogout, IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Link, Navigate, NavLink, Outlet, ScrollRestoration, useLocation, useNavigate } from 'react-router'
import { api, asProblem, must } from '../api/client'
import { sessionKey, useMay, useSession } from '../api/session'
import { Loading, Trouble } from '../ui/State'
import { choose, language, languages, words, type Language } from '../words/i18n'
import { roleText } from '../words/words'
import { Mark } from './Mark'
import { nav, navText } from './nav'
import { Silence } from './Silence'
import { useShortcuts } from './shortcuts'
import { useChanges } from './useChanges'

const t = words('shell')

// No page waits for them.
const loadPalette = () => import('./Palette')
const Palette = lazy(loadPalette)
const Help = lazy(() => import('./Help'))

/** The brand's title, from its own document. */
export function useBrand() {
  return useQuery({
    queryKey: ['specs', 'brand'],
    queryFn: async () => (await must(api.GET('/api/v1/specs', { params: { query: { kind: 'brand' } } }))).items[0]?.body as { title?: string; currency?: string; zone?: string; topics?: string[] } | undefined ?? null,
    staleTime: 60_000,
  })
}

export function Shell() {
  const session = useSession()
  const location = useLocation()
  if (session.isPending) return <Loading />
  if (session.isError) return <div className="gate"><div className="box"><Trouble problem={asProblem(session.error)} onRetry={() => void session.refetch()} /></div></div>
  if (!session.data) return <Navigate to={`/login?to=${encodeURIComponent(location.pathname + location.search)}`} replace />
  return <Frame />
}

function Frame() {
  const may = useMay()
  const [open, setOpen] = useState(false)
  const [finding, setFinding] = useState(false)
  const [helping, setHelping] = useState(false)
  const asked = useRef({ finding: false, helping: false }).current // once asked for they stay, to close as gently as they opened
  asked.finding ||= finding
  asked.helping ||= helping
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  const { pathname } = useLocation()
  const shown = nav.filter((n) => !n.need || may(n.need))
  useShortcuts({ find: () => setFinding(true), help: () => setHelping(true), items: shown })
  const silent = useChanges()

  // Behind the page, so that who types right after Ctrl K loses no letter.
  useEffect(() => {
    const soon = setTimeout(() => loadPalette().catch(() => {}), 1500) // who asks for it tries again
    return () => clearTimeout(soon)
  }, [])

  // A new page is read from its start; the URL's filters are not a new page.
  useEffect(() => {
    setOpen(false)
    if (first.current) first.current = false
    else if (!document.activeElement?.closest('[role="dialog"]')) main.current?.focus({ preventScroll: true }) // who is finding something already goes on
  }, [pathname])
  useEffect(() => {
    if (!open) return
    const close = (e: KeyboardEvent) => e.key === 'Escape' && setOpen(false)
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [open])

  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus() }}>{t('skip')}</a>
      <header className="topbar">
        <Burger opened={open} onClick={() => setOpen(!open)} size="sm" aria-label={open ? t('menu.close') : t('menu.open')} aria-expanded={open} aria-controls="side" />
        <Link to="/" className="brand"><Mark size={24} />Heed</Link>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('find')} onClick={() => setFinding(true)}><IconSearch size={20} /></ActionIcon>
      </header>
      <div className={open ? 'shade open' : 'shade'} onClick={() => setOpen(false)} aria-hidden="true" />
      <Side open={open} items={shown} onFind={() => { setOpen(false); setFinding(true) }} onHelp={() => setHelping(true)} />
      <main id="main" ref={main} tabIndex={-1}>
        <Silence since={silent} />
        <Suspense fallback={<div className="page"><Loading lines={8} /></div>}><Outlet /></Suspense>
      </main>
      <Suspense>
        {asked.finding && <Palette opened={finding} onClose={() => setFinding(false)} />}
        {asked.helping && <Help opened={helping} onClose={() => setHelping(false)} />}
      </Suspense>
      <ScrollRestoration />
    </div>
  )
}

function Side({ open, items, onFind, onHelp }: { open: boolean; items: typeof nav; onFind: () => void; onHelp: () => void }) {
  const brand = useBrand()
  const group = (name: 'work' | 'run') => items.filter((n) => n.group === name).map((n) => (
    <NavLink key={n.to} to={n.to} end={n.to === '/'} title={`g ${n.key}`}><n.icon size={18} stroke={1.7} />{navText(n)}</NavLink>
  ))
  return (
    <aside id="side" className={open ? 'side open' : 'side'} aria-label={t('navigation')}>
      <Link to="/" className="brand">
        <Mark size={30} />
        <div style={{ minWidth: 0 }}><b>Heed</b><span className="cut">{brand.data?.title ?? '\u00a0'}</span></div>
      </Link>
      <button type="button" className="find" onClick={onFind}><IconSearch size={15} aria-hidden="true" />{t('find')}<kbd>{t('find.key')}</kbd></button>
      <nav aria-label={t('group.work')}>{group('work')}</nav>
      <nav aria-label={t('group.run')}>{group('run')}</nav>
      <div className="who"><Who onHelp={onHelp} /></div>
    </aside>
  )
}

function Who({ onHelp }: { onHelp: () => void }) {
  const { data: me } = useSession()
  const client = useQueryClient()
  const go = useNavigate()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  if (!me) return null
  const signOut = async () => {
    await api.DELETE('/api/v1/session')
    await go('/login')
    client.clear()
    client.setQueryData(sessionKey, null)
  }
  const themes = [['auto', t('theme.auto'), IconDeviceDesktop], ['light', t('theme.light'), IconSun], ['dark', t('theme.dark'), IconMoon]] as const
  return (
    <Menu position="top-start" width={212} shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className="who-button">
          <span className="face" aria-hidden="true">{(me.called || me.name).slice(0, 2).toUpperCase()}</span>
          <span style={{ minWidth: 0 }}><span className="cut small" style={{ display: 'block' }} title={me.name}>{me.called || me.name}</span><span className="soft" style={{ fontSize: '0.75rem', display: 'block' }}>{me.role ? roleText(me.role) : t('by-key')}</span></span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label c="dimmed">{t('theme')}</Menu.Label>
        {themes.map(([value, text, Icon]) => (
          <Menu.Item key={value} leftSection={<Icon size={15} />} onClick={() => setColorScheme(value)} rightSection={colorScheme === value ? '✓' : undefined}>{text}</Menu.Item>
        ))}
        <Menu.Label c="dimmed">{t('language')}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((name) => (
          <Menu.Item key={name} lang={name} leftSection={<IconLanguage size={15} />} onClick={() => void choose(name)} rightSection={language() === name ? '✓' : undefined}>{languages[name].name}</Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={15} />} onClick={onHelp} rightSection={<kbd>?</kbd>}>{t('keyboard')}</Menu.Item>
        {me.via === 'user' && <Menu.Item leftSection={<IconKey size={15} />} component={Link} to="/settings/password">{t('password')}</Menu.Item>}
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>{t('sign-out')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
