import { Button } from '@mantine/core'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { useAct } from '../../ui/useAct'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { readable, reviewText } from '../../words/words'
import { useReviews } from '../queries'

export function Reviews() {
  const may = useMay()
  const close = useAct({
    done: 'Taken off the list.', touches: [['reviews']],
    run: (id: string) => must(api.POST('/api/v1/reviews/{id}/close', { params: { path: { id } } })),
  })
  return (
    <div className="panel">
      <More query={useReviews()} empty={<Empty title="No open questions">Heed never merges two known people by itself. When two share something that should be one person’s, it asks here.</Empty>}>
        {(rows) => (
          <DataTable caption="Who may be who" rows={rows} rowKey={(r) => r.id} columns={[
            { name: 'Question', lead: true, cell: (r) => <><b style={{ fontWeight: 550 }}>{reviewText(r.kind)}</b>{r.text && <div className="soft small">{r.text}</div>}</> },
            { name: 'Identifier', cell: (r) => <><span className="soft small">{readable(r.identifier.namespace)}</span> <span className="mono">{r.identifier.value}</span></> },
            { name: 'People', cell: (r) => <span className="row wrap" style={{ gap: '2px 10px' }}>{r.people.map((p) => <PersonName key={p} id={p} />)}</span> },
            { name: 'When', kind: 'fit', cell: (r) => <When at={r.at} /> },
            ...(may('people:merge') ? [{ name: '', kind: 'fit' as const, cell: (r: { id: string }) => <Button size="compact-sm" variant="default" loading={close.isPending && close.variables === r.id} onClick={() => close.mutate(r.id)}>Leave it so</Button> }] : []),
          ]} />
        )}
      </More>
    </div>
  )
}
