import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './styles.css'
import './shell/shell.css'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'
import { ApiError, onSignedOut } from './api/client'
import { sessionKey } from './api/session'
import { router } from './shell/router'
import { theme, variables } from './theme'
import { begin, useLanguage } from './words/i18n'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What is refused stays refused; what is transient is worth another try.
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.status >= 400),
    },
  },
})
onSignedOut.call = () => client.setQueryData(sessionKey, null)

/** Another language draws everything anew: texts, dates and numbers change together. */
function Console() {
  return <RouterProvider key={useLanguage()} router={router} />
}

await begin()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" />
        <Console />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
