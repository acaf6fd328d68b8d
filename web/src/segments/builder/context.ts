import { createContext, useContext } from 'react'
import type { RuleProblem, Vocabulary } from './queries'
import type { EventDoc, RuleNode } from './tree'

/** What the fields of a rule know of the place where it stands. */
export type Place = {
  vocabulary: Vocabulary
  problems: RuleProblem[]
  /** Only what is asked of one event: of this one, if it is known. */
  where?: EventDoc
  /** The event that just happened may be asked about: journeys. */
  triggering?: EventDoc
  readOnly?: boolean
}

export const PlaceContext = createContext<Place>({ vocabulary: { events: [], traits: [], segments: [], purposes: [], stages: [], channels: [] }, problems: [] })
export const usePlace = () => useContext(PlaceContext)

/** The fields of one kind of condition. */
export type Fields = (p: { node: RuleNode; onChange: (n: RuleNode) => void }) => React.ReactNode

export type Condition = {
  kind: string
  /** Under which heading it is offered. */
  group: 'behaviour' | 'memory' | 'relation' | 'event'
  blank: () => RuleNode
  Fields: Fields
}
