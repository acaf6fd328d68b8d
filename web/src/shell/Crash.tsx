import { Button } from '@mantine/core'
import { isRouteErrorResponse, useRouteError } from 'react-router'

/** The console itself broke. A new version may have been installed while this tab was open: reloading gets it. */
export function Crash() {
  const error = useRouteError()
  const text = isRouteErrorResponse(error) ? error.statusText : error instanceof Error ? error.message : String(error)
  return (
    <div className="page">
      <div className="page-head"><h1>This page could not be shown</h1></div>
      <div className="stack" style={{ maxWidth: 620 }}>
        <p className="soft">If Heed was just updated, loading the page again is all it takes. Otherwise, tell whoever runs Heed what is written here.</p>
        <pre className="code wrap" tabIndex={0}>{text}</pre>
        <div><Button onClick={() => location.reload()}>Load again</Button></div>
      </div>
    </div>
  )
}
