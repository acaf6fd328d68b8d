import { Button } from '@mantine/core'
import { useInViewport } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Schemas } from '../api/client'
import { useMay } from '../api/session'
import { fresh } from '../ui/fresh'
import { Page } from '../ui/Page'
import { Await, Empty } from '../ui/State'
import { When } from '../ui/When'
import { words } from '../words/i18n'
import { channelText, readable } from '../words/words'
import { Frame } from './parts/Frame'
import { usePreview, useTemplates, type Body } from './queries'
import './templates.css'

const t = words('templates')

export default function TemplatesPage() {
  const may = useMay()
  const add = may('specs:write') && <Button component={Link} to={`/templates/${fresh}`} leftSection={<IconPlus size={16} />}>{t('new')}</Button>
  return (
    <Page title={t('title')} lead={t('lead')} actions={add}>
      <Await query={useTemplates()} lines={6}>{({ items }) => items.length
        ? <ul className="letters" aria-label={t('title')}>{items.map((x) => <Card key={x.name} x={x} />)}</ul>
        : <div className="panel"><Empty title={t('none')} action={add}>{t('none.teach')}</Empty></div>}</Await>
    </Page>
  )
}

function Card({ x }: { x: Schemas['Spec'] }) {
  const { ref, inViewport } = useInViewport<HTMLLIElement>()
  const may = useMay()
  const body = x.body as Body
  const preview = usePreview(x.name, body, {}, may('people:read') && inViewport)
  const html = preview.data?.html
  return (
    <li ref={ref}>
      <div aria-hidden="true">{html ? <Frame html={html} title="" className="thumb" /> : <div className="letter-frame blank small">{body.channel === 'email' ? body.subject : body.body?.slice(0, 200)}</div>}</div>
      <div className="about">
        <Link className="cover" to={`/templates/${x.name}`}>{body.title || readable(x.name)}</Link>
        <span className="soft small cut">{body.subject || channelText(body.channel)}</span>
        <span className="soft small">{t('version', { n: x.version })} · <When at={x.made_at} /></span>
      </div>
    </li>
  )
}
