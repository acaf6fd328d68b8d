import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { Page } from '../ui/Page'
import { Empty } from '../ui/State'
import { words } from '../words/i18n'

const t = words('shell')

export default function NotFound() {
  return (
    <Page title={t('nowhere.title')}>
      <div className="panel">
        <Empty title={t('nowhere.address')} action={<Button component={Link} to="/" variant="default">{t('nowhere.home')}</Button>}>
          {t('nowhere.what-to-do')}
        </Empty>
      </div>
    </Page>
  )
}
