import { lazy } from 'react'
import { createBrowserRouter } from 'react-router'
import { Shell } from './Shell'
import { fresh } from '../ui/fresh'
import { readAll } from '../words/i18n'
import { Crash } from './Crash'

// Each page is its own file to load: whoever reads the ledger does not wait for the spec editor.
const first = (load: () => Promise<{ default: React.ComponentType }>) => {
  const Component = lazy(load)
  return <Component />
}
// The texts of all pages come with the first one that is not home.
const page = (load: () => Promise<{ default: React.ComponentType }>) => first(async () => (await Promise.all([load(), readAll()]))[0])

export const router = createBrowserRouter([
  { path: '/login', element: page(() => import('../setup/LoginPage')), errorElement: <Crash /> },
  { path: '/setup', element: page(() => import('../setup/SetupPage')), errorElement: <Crash /> },
  { path: '/invite', element: page(() => import('../setup/InvitePage')), errorElement: <Crash /> },
  {
    path: '/',
    element: <Shell />,
    errorElement: <Crash />,
    children: [
      {
        errorElement: <Crash />,
        children: [
          { index: true, element: first(() => import('../home/HomePage')) },
          { path: 'people', element: page(() => import('../people/PeoplePage')) },
          { path: 'people/:id', element: page(() => import('../people/PersonPage')) },
          { path: 'segments', element: page(() => import('../segments/SegmentsPage')) },
          { path: 'segments/:name', element: page(() => import('../segments/SegmentPage')) },
          { path: 'journeys', element: page(() => import('../journeys/JourneysPage')) },
          { path: `journeys/${fresh}`, element: page(() => import('../journeys/NewJourneyPage')) },
          { path: 'journeys/:name', element: page(() => import('../journeys/JourneyPage')) },
          { path: 'rules', element: page(() => import('../rules/RulesPage')) },
          { path: 'rules/:tab', element: page(() => import('../rules/RulesPage')) },
          { path: 'rules/:kind/:name', element: page(() => import('../rules/RulePage')) },
          { path: 'broadcasts', element: page(() => import('../broadcasts/BroadcastsPage')) },
          { path: `broadcasts/${fresh}`, element: page(() => import('../broadcasts/ComposerPage')) },
          { path: 'broadcasts/:name', element: page(() => import('../broadcasts/BroadcastPage')) },
          { path: 'broadcasts/:name/edit', element: page(() => import('../broadcasts/ComposerPage')) },
          { path: 'templates', element: page(() => import('../templates/TemplatesPage')) },
          { path: 'templates/:name', element: page(() => import('../templates/TemplatePage')) },
          { path: 'ledger', element: page(() => import('../ledger/LedgerPage')) },
          { path: 'decisions/:id', element: page(() => import('../ledger/DecisionPage')) },
          { path: 'messages/:id', element: page(() => import('../ledger/MessagePage')) },
          { path: 'mailbox', element: page(() => import('../mailbox/MailboxPage')) },
          { path: 'mailbox/:id', element: page(() => import('../mailbox/MailboxPage')) },
          { path: 'data', element: page(() => import('../data/DataPage')) },
          { path: 'data/:tab', element: page(() => import('../data/DataPage')) },
          { path: 'settings', element: page(() => import('../settings/SettingsPage')) },
          { path: 'settings/:tab', element: page(() => import('../settings/SettingsPage')) },
          { path: 'welcome', element: page(() => import('../setup/WelcomePage')) },
          { path: '*', element: page(() => import('./NotFound')) },
        ],
      },
    ],
  },
])
