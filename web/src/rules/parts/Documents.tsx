import { Link } from 'react-router'
import { DataTable, type Column } from '../../ui/DataTable'
import { Pill } from '../../ui/Pill'
import { Await, Empty } from '../../ui/State'
import { When } from '../../ui/When'
import { words } from '../../words/i18n'
import { channelText } from '../../words/words'
import { scopeOf, text } from '../document'
import { bodyOf, titleOf, useSpecs, type RuleKind, type Spec } from '../queries'
import { spanText } from './span'

const t = words('rules')

/** The documents of one kind, each with what it says in one line. */
export function Documents({ kind }: { kind: RuleKind }) {
  const columns: Column<Spec>[] = [
    { name: t('column.name'), lead: true, cell: (s) => <Link className="cover" to={`/rules/${kind}/${s.name}`}>{titleOf(s)}</Link> },
    { name: t('column.says'), cell: (s) => <Says kind={kind} s={s} /> },
    { name: t('column.about'), cell: (s) => <About s={s} kind={kind} /> },
    { name: t('column.changed'), kind: 'fit', wide: true, cell: (s) => <When at={s.made_at} /> },
  ]
  return (
    <div className="panel">
      <Await query={useSpecs(kind)} lines={5}>{(items) => (items.length
        ? <DataTable caption={t(`tab.${kind}`)} rows={items} rowKey={(s) => s.name} columns={columns} />
        : <Empty title={t(`none.${kind}`)}>{t(`teach.${kind}`)}</Empty>)}</Await>
    </div>
  )
}

function Says({ kind, s }: { kind: RuleKind; s: Spec }) {
  const b = bodyOf(s)
  switch (kind) {
    case 'purpose': return <span className="row wrap" style={{ gap: 6 }}><Pill tone="accent">{t(`class.${text(b, 'class')}`)}</Pill><span className="soft">{t(`consent.${text(b, 'consent')}`)}</span></span>
    case 'rule': return <code className="small" style={{ overflowWrap: 'anywhere' }}>{typeof b.forbid === 'string' ? b.forbid : JSON.stringify(b.forbid)}</code>
    case 'quiet_hours': return <span className="num">{t('hours', { from: text(b, 'from'), to: text(b, 'to') })}</span>
    case 'cap': return <span className="num">{b.per ? t('capRolling', { max: b.max, span: spanText(b.per) }) : t('capCalendar', { max: b.max, period: t(`calendar.${text(b, 'calendar')}`) })}</span>
  }
}

function About({ s, kind }: { s: Spec; kind: RuleKind }) {
  const b = bodyOf(s)
  if (kind === 'purpose') return <span className="soft">{b.selling === true ? t('sells') : t('sellsNot')}</span>
  const scope = scopeOf(b)
  const parts = [
    ...(scope.selling === undefined ? [] : [scope.selling ? t('sells') : t('sellsNot')]),
    ...scope.purposes, ...scope.classes.map((c) => t(`class.${c}`)), ...scope.channels.map(channelText),
  ]
  return <span className="soft">{parts.length ? parts.join(', ') : t('everything')}</span>
}
