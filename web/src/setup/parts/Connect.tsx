import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { Snippet } from '../../ui/Copy'
import { useAct } from '../../ui/useAct'
import { words } from '../../words/i18n'
import { Rich } from '../../words/Rich'
import { snippets } from '../snippets'
import { Arrivals } from './Arrivals'

const t = words('setup')

/** How a source sends: its key, what to copy, and what comes in while one tries. */
export function Connect({ name, title }: { name: string; title: string }) {
  const may = useMay()
  const [way, setWay] = useState('page')
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => must(api.GET('/api/v1/keys')), enabled: may('keys:manage') })
  const key = keys.data?.items.find((k) => k.kind === 'write' && k.source === name && !k.revoked)?.key
  const make = useAct({
    done: t('connect.key-made'), touches: [['keys'], ['sources']],
    run: () => must(api.POST('/api/v1/keys', { body: { kind: 'write', name: title, source: name } })),
  })
  const all = snippets(location.origin, key ?? 'WRITE_KEY')
  const one = all.find((s) => s.key === way)!
  return (
    <div className="stack loose">
      {key ? <div><div className="eyebrow" style={{ marginBottom: 6 }}>{t('connect.key')}</div><Snippet text={key} label={t('connect.the-key')} /></div>
        : may('keys:manage') ? <div className="note-box row between wrap"><span>{t('connect.no-key')}</span><Button size="compact-sm" loading={make.isPending} onClick={() => make.mutate(undefined)}>{t('connect.make-key')}</Button></div>
          : <div className="note-box">{t('connect.ask')}</div>}
      <div style={{ overflowX: 'auto' }}><SegmentedControl size="sm" value={way} onChange={setWay} data={all.map((s) => ({ value: s.key, label: s.label }))} aria-label={t('connect.how')} /></div>
      <p className="soft">{t(`snippet.${one.key}`)} <Rich folder="setup" of="connect.sdks" parts={{ url: <code /> }} values={{ url: location.origin }} /></p>
      <Snippet text={one.text} label={t('connect.snippet', { language: one.label })} />
      {may('data:manage') ? <Arrivals source={name} /> : <p className="soft small"><Rich folder="setup" of="connect.watch" parts={{ home: <Link to="/" /> }} /></p>}
      <p className="soft small"><Rich folder="setup" of="connect.letters" parts={{ letters: <Link to="/data/dead-letters" /> }} /></p>
    </div>
  )
}
