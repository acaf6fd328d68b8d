import { lazy } from 'react'
import { createBrowserRouter } from 'react-router'
import { Shell } from './Shell'
import { fresh } from '../ui/fresh'
import { readAll } from '../words/i18n'
import { Crash } from './Crash'

type Load = () => Promise<{ default: React.ComponentType }>

// Each page is its own file to load: whoever reads the ledger does not wait for the spec editor.
const first = (load: Load) => {
  const Component = lazy(load)
  return { element: <Component />, handle: load }
}
// The texts of all pages come with the first one that is not home.
const page = (load: Load) => first(async () => (await Promise.all([load(), readAll()]))[0])

export const router = createBrowserRouter([
  { path: '/login', ...page(() => import('../setup/LoginPage')), errorElement: <Crash /> },
  { path: '/setup', ...page(() => import('../setup/SetupPage')), errorElement: <Crash /> },
  { path: '/invite', ...page(() => import('../setup/InvitePage')), errorElement: <Crash /> },
  {
    path: '/',
    element: <Shell />,
    errorElement: <Crash />,
    children: [
      {
        errorElement: <Crash />,
        children: [
          { index: true, ...first(() => import('../home/HomePage')) },
          { path: 'people', ...page(() => import('../people/PeoplePage')) },
          { path: 'people/:id', ...page(() => import('../people/PersonPage')) },
          { path: 'segments', ...page(() => import('../segments/SegmentsPage')) },
          { path: 'segments/:name', ...page(() => import('../segments/SegmentPage')) },
          { path: 'journeys', ...page(() => import('../journeys/JourneysPage')) },
          { path: `journeys/${fresh}`, ...page(() => import('../journeys/NewJourneyPage')) },
          { path: 'journeys/:name', ...page(() => import('../journeys/JourneyPage')) },
          { path: 'rules', ...page(() => import('../rules/RulesPage')) },
          { path: 'rules/:tab', ...page(() => import('../rules/RulesPage')) },
          { path: 'rules/:kind/:name', ...page(() => import('../rules/RulePage')) },
          { path: 'broadcasts', ...page(() => import('../broadcasts/BroadcastsPage')) },
          { path: `broadcasts/${fresh}`, ...page(() => import('../broadcasts/ComposerPage')) },
          { path: 'broadcasts/:name', ...page(() => import('../broadcasts/BroadcastPage')) },
          { path: 'broadcasts/:name/edit', ...page(() => import('../broadcasts/ComposerPage')) },
          { path: 'templates', ...page(() => import('../templates/TemplatesPage')) },
          { path: 'templates/:name', ...page(() => import('../templates/TemplatePage')) },
          { path: 'ledger', ...page(() => import('../ledger/LedgerPage')) },
          { path: 'decisions/:id', ...page(() => import('../ledger/DecisionPage')) },
          { path: 'messages/:id', ...page(() => import('../ledger/MessagePage')) },
          { path: 'mailbox', ...page(() => import('../mailbox/MailboxPage')) },
          { path: 'mailbox/:id', ...page(() => import('../mailbox/MailboxPage')) },
          { path: 'data', ...page(() => import('../data/DataPage')) },
          { path: 'data/:tab', ...page(() => import('../data/DataPage')) },
          { path: 'settings', ...page(() => import('../settings/SettingsPage')) },
          { path: 'settings/:tab', ...page(() => import('../settings/SettingsPage')) },
          { path: 'welcome', ...page(() => import('../setup/WelcomePage')) },
          { path: '*', ...page(() => import('./NotFound')) },
        ],
      },
    ],
  },
])

// The page that was asked for comes beside the answer to who is asking, not after it. What does not come is asked for again,
// and complained about, when it is to be shown.
for (const { route } of router.state.matches) (route.handle as Load | undefined)?.().catch(() => {})
