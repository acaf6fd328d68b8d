import { Button } from '@mantine/core'
import { isRouteErrorResponse, useRouteError } from 'react-router'
import { words } from '../words/i18n'

const t = words('shell')

/** The console itself broke. A new version may have been installed while this tab was open: reloading gets it. */
export function Crash() {
  const error = useRouteError()
  const text = isRouteErrorResponse(error) ? error.statusText : error instanceof Error ? error.message : String(error)
  return (
    <div className="page">
      <div className="page-head"><h1>{t('crash.title')}</h1></div>
      <div className="stack" style={{ maxWidth: 620 }}>
        <p className="soft">{t('crash.what-to-do')}</p>
        <pre className="code wrap" tabIndex={0}>{text}</pre>
        <div><Button onClick={() => location.reload()}>{t('crash.again')}</Button></div>
      </div>
    </div>
  )
}
