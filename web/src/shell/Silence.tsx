import { IconPlugConnectedX } from '@tabler/icons-react'
import { words } from '../words/i18n'
import { clock, day } from '../words/time'

const t = words('shell')

/** Says quietly that Heed does not answer, and from when what is shown is. */
export function Silence({ since, now = Date.now() }: { since: number | undefined; now?: number }) {
  return (
    <div role="status" className="silence">
      {since !== undefined && <span><IconPlugConnectedX size={16} aria-hidden="true" />{t('silence', { time: moment(since, now) })}</span>}
    </div>
  )
}

/** 14:05, or with the day when that is not today. */
export const moment = (at: number, now: number) => (new Date(at).toDateString() === new Date(now).toDateString() ? clock(at) : `${day(at)}, ${clock(at)}`)
