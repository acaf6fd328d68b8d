import { words } from '../../words/i18n'
import { count, percent } from '../../words/numbers'
import type { BroadcastDetail } from '../queries'

const t = words('broadcasts')

const rows = ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'failed', 'opted_out', 'complained'] as const
const bad = ['bounced', 'failed', 'opted_out', 'complained']

/** What became of the messages, each variant beside the others, as shares of those that went out. */
export function Funnel({ results }: { results: BroadcastDetail['results'] }) {
  const groups = results.filter((r) => r.allowed + r.sent > 0)
  if (!groups.length) return <p className="soft">{t('funnel.none')}</p>
  return (
    <div className="stack loose" style={{ gap: 22 }}>
      {groups.map((r) => (
        <table key={r.variant} className="funnel">
          <caption>{r.variant ? t('variant', { name: r.variant }) : groups.length > 1 ? t('variant.none') : t('everybody')} <span className="soft">{t('allowed', { n: count(r.allowed) })}</span></caption>
          <tbody>
            {rows.filter((k) => k === 'sent' || r[k] > 0 || k === 'opened' || k === 'clicked').map((k) => {
              const share = r.sent ? r[k] / r.sent : 0
              return (
                <tr key={k}>
                  <th scope="row">{t(`outcome.${k}`)}</th>
                  <td className="bar" aria-hidden="true"><div style={{ width: `${k === 'sent' ? (r.sent ? 100 : 0) : Math.max(r[k] ? 1 : 0, share * 100)}%`, background: bad.includes(k) ? 'var(--bad-fill)' : k === 'sent' ? 'var(--bar-soft)' : 'var(--bar)' }} /></td>
                  <td className="num right">{count(r[k])}</td>
                  <td className="num right soft">{k === 'sent' ? '' : percent(share)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      ))}
    </div>
  )
}
