import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { Page } from '../ui/Page'
import { Empty } from '../ui/State'

export default function NotFound() {
  return (
    <Page title="Nothing here">
      <div className="panel">
        <Empty title="This address leads nowhere" action={<Button component={Link} to="/" variant="default">Go home</Button>}>
          It may have been renamed or removed. Press Ctrl K to find what you were looking for.
        </Empty>
      </div>
    </Page>
  )
}
