import { Link } from 'react-router'
import { RunTable } from '../../journeys/parts/RunTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { usePersonRuns, type Person } from '../queries'

/** The journeys they are in and were in: where they stand and why. */
export function Runs({ person }: { person: Person }) {
  return (
    <div className="panel">
      <More query={usePersonRuns(person.id)} empty={<Empty title="In no journey so far">Journeys start with an event, a segment or a date. See <Link to="/journeys">all journeys</Link>.</Empty>}>
        {(rows) => <RunTable rows={rows} of="journey" />}
      </More>
    </div>
  )
}
