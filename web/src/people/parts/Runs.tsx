import { Link } from 'react-router'
import { RunTable } from '../../journeys/parts/RunTable'
import { More } from '../../ui/More'
import { Empty } from '../../ui/State'
import { Rich } from '../../words/Rich'
import { usePersonRuns, type Person } from '../queries'
import { words } from '../../words/i18n'

const t = words('people')

/** The journeys they are in and were in: where they stand and why. */
export function Runs({ person }: { person: Person }) {
  return (
    <div className="panel">
      <More query={usePersonRuns(person.id)} empty={<Empty title={t('runs.none')}><Rich folder="people" of="runs.none-about" parts={{ all: <Link to="/journeys" /> }} /></Empty>}>
        {(rows) => <RunTable rows={rows} of="journey" />}
      </More>
    </div>
  )
}
