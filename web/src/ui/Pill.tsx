import type { ReactNode } from 'react'
import { outcomeText, stageText, toneOf, type Tone } from '../words/words'

export function Pill({ tone = 'mute', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`pill ${tone}`}>{children}</span>
}

/** A state in its colour and words: sent, held, paused, granted. */
export function StatePill({ state }: { state: string }) {
  return <Pill tone={toneOf(state)}>{outcomeText(state)}</Pill>
}

export function StagePill({ stage }: { stage?: string }) {
  return stage ? <Pill tone="accent">{stageText(stage)}</Pill> : <span className="soft">–</span>
}
