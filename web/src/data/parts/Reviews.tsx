import { Button } from '@mantine/core'
import { api, must } from '../../api/client'
import { useMay } from '../../api/session'
import { DataTable } from '../../ui/DataTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { eachItem } from '../../ui/edit'
import { useEdit } from '../../ui/useEdit'
import { When } from '../../ui/When'
import { PersonName } from '../../people/parts/PersonName'
import { words } from '../../words/i18n'
import { reviewText, traitText } from '../../words/words'
import { useReviews } from '../queries'

const t = words('data')

export function Reviews() {
  const may = useMay()
  const close = useEdit({
    done: t('reviews.closed'), touches: [['reviews']],
    run: (id: string) => must(api.POST('/api/v1/reviews/{id}/close', { params: { path: { id } } })),
    back: (id) => must(api.POST('/api/v1/reviews/{id}/open', { params: { path: { id } } })),
    shown: (id) => [{ key: ['reviews'], all: true, as: eachItem<{ id: string }>((r) => (r.id === id ? undefined : r)) }],
  })
  return (
    <div className="panel">
      <More query={useReviews()} empty={<Empty title={t('reviews.none')}>{t('reviews.teach')}</Empty>}>
        {(rows) => (
          <DataTable caption={t('tab.reviews')} rows={rows} rowKey={(r) => r.id} columns={[
            { name: t('reviews.question'), lead: true, cell: (r) => <><b style={{ fontWeight: 550 }}>{reviewText(r.kind)}</b>{r.text && <div className="soft small">{r.text}</div>}</> },
            { name: t('reviews.identifier'), cell: (r) => <><span className="soft small">{traitText(r.identifier.namespace)}</span> <span className="mono">{r.identifier.value}</span></> },
            { name: t('reviews.people'), cell: (r) => <span className="row wrap" style={{ gap: '2px 10px' }}>{r.people.map((p) => <PersonName key={p} id={p} />)}</span> },
            { name: t('when'), kind: 'fit', cell: (r) => <When at={r.at} /> },
            ...(may('people:merge') ? [{ name: '', kind: 'fit' as const, cell: (r: { id: string }) => <Button size="compact-sm" variant="default" onClick={() => close.mutate(r.id)}>{t('reviews.leave')}</Button> }] : []),
          ]} />
        )}
      </More>
    </div>
  )
}
