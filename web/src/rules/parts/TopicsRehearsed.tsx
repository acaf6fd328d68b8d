import { words } from '../../words/i18n'
import { count } from '../../words/numbers'
import type { Rehearsal } from '../queries'

const t = words('rules')
type Topic = Rehearsal['topics'][number]

/** What there was to choose about each topic that a draft adds or takes away. */
export function TopicsRehearsed({ topics }: { topics: Topic[] }) {
  return (
    <div className="stack loose">
      {topics.map((x) => (
        <section key={x.name} aria-label={x.name}>
          <h3 className="eyebrow">{x.added ? t('topic.added', { name: x.name }) : t('topic.removed', { name: x.name })}</h3>
          <p>{x.messages ? t('topic.messages', { count: x.messages, people: count(x.people) }) : t('topic.silent')}</p>
          {x.messages > 0 && (
            <dl className="kv">
              <dt>{t('topic.went')}</dt><dd className="num">{count(x.went)}</dd>
              <dt>{t('topic.muted')}</dt><dd className="num">{count(x.muted)}</dd>
              <dt>{t('topic.not-wanted')}</dt><dd className="num">{count(x.not_wanted)}</dd>
            </dl>
          )}
          <p className="soft small">{x.added ? t('topic.added.about') : t('topic.removed.about', { muted: count(x.have_muted), want: count(x.want) })}</p>
        </section>
      ))}
    </div>
  )
}
