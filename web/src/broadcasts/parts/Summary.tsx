import { Link } from 'react-router'
import { words } from '../../words/i18n'
import { absolute, spanText } from '../../words/time'
import { count } from '../../words/numbers'
import { channelText, readable } from '../../words/words'
import { fromLocal, read } from '../design'

const t = words('broadcasts')

/** A broadcast in words: who, what, when. */
export function Summary({ body }: { body: unknown }) {
  const d = read(body)
  const template = (name: string) => <Link to={`/templates/${name}`}>{readable(name)}</Link>
  return (
    <dl className="kv">
      <dt>{t('segment')}</dt><dd><Link to={`/segments/${d.segment}`}>{readable(d.segment)}</Link></dd>
      <dt>{t('channel')}</dt><dd>{channelText(d.channel)}</dd>
      <dt>{t('purpose')}</dt><dd>{readable(d.purpose)}{d.topic && `, ${d.topic}`}</dd>
      <dt>{t('template')}</dt>
      <dd>{d.variants.length ? d.variants.map((v) => <div key={v.name}>{v.name}: {template(v.template)} <span className="soft">({t('weight')} {v.weight})</span></div>) : template(d.template)}</dd>
      <dt>{t('when')}</dt>
      <dd>{d.when === 'now' ? t('when.now') : d.when === 'at' ? absolute(Date.parse(fromLocal(d.moment))) : t('when.local.at', { moment: d.moment.replace('T', ' ') })}</dd>
      <dt>{t('pace')}</dt><dd>{d.pace ? (d.per === 'hour' ? t('pace.hour', { n: count(d.pace) }) : t('pace.minute', { n: count(d.pace) })) : t('pace.none')}</dd>
      <dt>{t('holdout')}</dt><dd>{d.holdout ? `${d.holdout} %` : t('holdout.none')}</dd>
      {d.goal && <><dt>{t('goal')}</dt><dd>{t('goal.within', { event: d.goal, span: spanText(d.within) })}{typeof d.where === 'string' && d.where && <> <code>{d.where}</code></>}</dd></>}
    </dl>
  )
}
