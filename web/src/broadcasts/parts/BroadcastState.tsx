import { Pill } from '../../ui/Pill'
import { words } from '../../words/i18n'
import type { Tone } from '../../words/words'
import type { Broadcast } from '../queries'

const t = words('broadcasts')

const tones: Record<string, Tone> = { draft: 'mute', scheduled: 'accent', gathering: 'accent', sending: 'accent', done: 'good', stopping: 'bad', stopped: 'bad' }

export function BroadcastState({ b }: { b: Pick<Broadcast, 'state' | 'paused'> }) {
  if (b.paused) return <Pill tone="wait">{t('state.paused')}</Pill>
  return <Pill tone={tones[b.state]}>{t(`state.${b.state}`)}</Pill>
}
