import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { words } from '../../words/i18n'
import type { Finding } from '../queries'

const t = words('templates')

/** What should be put right before the template is used. */
export function Findings({ list }: { list: Finding[] }) {
  if (!list.length) return <p className="row" style={{ color: 'var(--good)' }}><IconCircleCheck size={18} aria-hidden="true" />{t('checks.good')}</p>
  return (
    <ul className="stack" aria-label={t('checks')}>
      {list.map((f) => (
        <li key={`${f.code} ${f.text}`} className="row top">
          {f.level === 'error' ? <IconCircleX size={18} color="var(--bad)" style={{ flex: 'none', marginTop: 1 }} aria-label={t('level.error')} /> : <IconAlertTriangle size={18} color="var(--wait)" style={{ flex: 'none', marginTop: 1 }} aria-label={t('level.warning')} />}
          <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}><b>{t(`check.${f.code}`)}</b>{f.field && f.code === 'MISTAKE' && <span className="soft"> {f.field}</span>}<div className="small">{f.text}</div></div>
        </li>
      ))}
    </ul>
  )
}
