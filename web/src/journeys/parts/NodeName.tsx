import { describe, type Design } from '../design'
import { useJourney } from '../queries'

/** A node in the words of its journey as it is now; by its id when the journey has no such node any more. */
export function NodeName({ journey, node }: { journey: string; node: string }) {
  const doc = useJourney(journey).data?.body as Design | undefined
  const found = doc?.nodes?.find((n) => n.id === node)
  return found ? <span title={node}>{describe(found).what}</span> : <span className="mono small">{node}</span>
}
