import { Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { IconRoute, IconUser, IconChartDots3, type Icon } from '@tabler/icons-react'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, must } from '../api/client'
import { useMay } from '../api/session'
import { findPeople } from '../people/queries'
import { words } from '../words/i18n'
import { kindText, nameless } from '../words/words'
import { nav, navAbout, navText } from './nav'
import { placeOf } from './places'
import { useOpened } from './useOpened'

const t = words('shell')

type Hit = { key: string; group: string; text: string; note?: string; icon: Icon; to: string }

/** Finds people, pages, journeys and segments; the arrow keys choose, Enter goes. */
export default function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={useOpened(opened)} onClose={onClose} padding={0} size="lg" yOffset="12vh" radius="lg">
      <Modal.Overlay backgroundOpacity={0.4} blur={2} />
      <Modal.Content aria-label={t('find')}><Modal.Body><Finder onClose={onClose} /></Modal.Body></Modal.Content>
    </Modal.Root>
  )
}

function Finder({ onClose }: { onClose: () => void }) {
  const may = useMay()
  const go = useNavigate()
  const id = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [asked] = useDebouncedValue(text.trim(), 160)
  const list = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Until the dialog has given it the focus, what is typed is for it all the same.
    const press = (e: KeyboardEvent) => {
      if (document.activeElement === input.current) return removeEventListener('keydown', press, true)
      if (e.key.length !== 1 || e.ctrlKey || e.metaKey || e.altKey) return
      e.preventDefault()
      e.stopPropagation()
      setText((before) => before + e.key)
    }
    addEventListener('keydown', press, true)
    return () => removeEventListener('keydown', press, true)
  }, [])
  const people = useQuery({
    queryKey: ['people', 'find', asked], enabled: asked.length >= 2 && may('people:read'), queryFn: ({ signal }) => findPeople(asked, 8, signal),
  })
  const specs = useQuery({ queryKey: ['specs', 'all'], enabled: may('specs:read'), queryFn: async () => (await must(api.GET('/api/v1/specs'))).items, staleTime: 60_000 })

  const hits = useMemo(() => {
    const sought = text.trim().toLowerCase()
    const fits = (...of: (string | undefined)[]) => !sought || of.some((each) => each?.toLowerCase().includes(sought))
    const out: Hit[] = []
    for (const p of asked.length >= 2 ? people.data ?? [] : []) out.push({ key: p.id, group: t('nav.people'), text: p.name || nameless(p.id), note: p.email ?? p.phone, icon: IconUser, to: `/people/${p.id}` })
    for (const n of nav) if ((!n.need || may(n.need)) && fits(navText(n), navAbout(n))) out.push({ key: n.to, group: t('palette.pages'), text: navText(n), note: navAbout(n), icon: n.icon, to: n.to })
    if (sought) {
      for (const s of specs.data ?? []) {
        const title = (s.body as { title?: string } | undefined)?.title
        if (!fits(s.name, title, kindText(s.kind))) continue
        out.push({ key: `${s.kind}/${s.name}`, group: t('palette.configuration'), text: title ?? s.name, note: kindText(s.kind), icon: s.kind === 'journey' ? IconRoute : IconChartDots3, to: placeOf(s.kind, s.name) })
      }
    }
    return out.slice(0, 24)
  }, [text, asked, people.data, specs.data]) // eslint-disable-line -- may() changes with the session only

  useEffect(() => setAt(0), [text, people.data])
  useEffect(() => {
    // In braces: newer browsers return a promise, which React would take for a cleanup.
    void list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at])

  const open = (hit?: Hit) => {
    if (!hit) return
    onClose()
    void go(hit.to)
  }
  // Who types and presses Enter at once means what fits the text, not what was found for its beginning.
  const looking = may('people:read') && text.trim().length >= 2 && (text.trim() !== asked || people.isFetching)
  const [pressed, setPressed] = useState(false)
  useEffect(() => {
    if (!pressed || looking) return
    setPressed(false)
    open(hits[at])
  }) // eslint-disable-line -- as soon as it is no longer looking
  return (
    <>
      <input
        ref={input} className="palette-input" data-autofocus maxLength={100} placeholder={t('palette.hint')} aria-label={t('find')} value={text}
        role="combobox" aria-expanded="true" aria-controls={id} aria-activedescendant={hits[at] ? `${id}-${at}` : undefined} aria-autocomplete="list" autoComplete="off"
        onChange={(e) => { setPressed(false); setText(e.currentTarget.value) }}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown') { e.preventDefault(); setAt((at + 1) % Math.max(1, hits.length)) }
          if (e.key === 'ArrowUp') { e.preventDefault(); setAt((at - 1 + hits.length) % Math.max(1, hits.length)) }
          if (e.key === 'Enter') { e.preventDefault(); if (looking) setPressed(true); else open(hits[at]) }
        }}
      />
      <div className="palette-list" role="listbox" id={id} ref={list} aria-label={t('palette.found')} tabIndex={-1}>
        {hits.map((h, i) => (
          <div key={h.key} role="presentation">
            {(i === 0 || hits[i - 1].group !== h.group) && <div className="group" role="presentation">{h.group}</div>}
            <div role="option" id={`${id}-${i}`} aria-selected={i === at} onMouseMove={() => setAt(i)} onClick={() => open(h)}>
              <h.icon size={17} stroke={1.7} aria-hidden="true" style={{ flex: 'none', color: 'var(--soft)' }} />
              <span className="cut">{h.text}</span>
              {h.note && <span className="soft small cut" style={{ marginLeft: 'auto' }}>{h.note}</span>}
            </div>
          </div>
        ))}
      </div>
      {!hits.length && <p className="soft" style={{ padding: '14px 16px' }} role="status">{looking ? t('palette.looking') : t('palette.nothing')}</p>}
    </>
  )
}
