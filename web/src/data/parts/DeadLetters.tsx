import { Button, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { api, must } from '../../api/client'
import { Json } from '../../ui/Copy'
import { More } from '../../ui/More'
import { Pill } from '../../ui/Pill'
import { Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { readable } from '../../words/words'
import { useDeadLetters } from '../queries'

export function DeadLetters() {
  const [open, setOpen] = useState<string>()
  const retry = useAct({
    done: 'It was given to the stream again.', touches: [['dead-letters']],
    run: (id: string) => must(api.POST('/api/v1/dead-letters/{id}/retry', { params: { path: { id } } })),
  })
  return (
    <div className="panel">
      <More query={useDeadLetters()} empty={<Empty title="No dead letters">Every event that arrived could be taken. What cannot be, lands here with the reason, and nothing is lost.</Empty>}>
        {(rows) => (
          <ul className="cards">
            {rows.map((d) => (
              <li key={d.id}>
                <div className="row between wrap top">
                  <div className="grow" style={{ minWidth: 200 }}>
                    <div className="row wrap" style={{ gap: '4px 10px' }}><Pill tone="bad">{readable(d.stage)}</Pill>{d.source && <span className="soft small">from {d.source}</span>}<span className="soft small"><When at={d.at} /></span></div>
                    <UnstyledButton aria-expanded={open === d.id} onClick={() => setOpen(open === d.id ? undefined : d.id)} style={{ marginTop: 4, overflowWrap: 'anywhere', fontSize: 'inherit' }}>{d.reason}</UnstyledButton>
                  </div>
                  {d.stage !== 'collect' && <Button size="compact-sm" variant="light" loading={retry.isPending && retry.variables === d.id} onClick={() => retry.mutate(d.id)}>Try again</Button>}
                </div>
                {open === d.id && <div style={{ marginTop: 8 }}><Json label="The event as it arrived" value={d.event} /></div>}
              </li>
            ))}
          </ul>
        )}
      </More>
    </div>
  )
}
