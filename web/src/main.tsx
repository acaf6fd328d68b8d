import './mantine'
import '@mantine/notifications/styles.css'
import './styles.css'
import './shell/shell.css'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'
import { ApiError, onSignedOut } from './api/client'
import { loadSession, sessionKey } from './api/session'
import { router } from './shell/router'
import { theme, variables } from './theme'
import { begin, i18n, useLanguage } from './words/i18n'

const client = new QueryClient({
  defaultOptions: {
    // Heed may be on this very machine: what the browser thinks of the internet says nothing about it.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      // What is refused stays refused; what is transient is worth another try.
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.status >= 400),
    },
  },
})
onSignedOut.call = () => client.setQueryData(sessionKey, null)

// Nothing is shown before it is known who looks, so that is asked before anything is drawn.
void client.prefetchQuery({ queryKey: sessionKey, queryFn: loadSession, staleTime: Infinity, retry: 1 })

/** Another language draws everything anew: texts, dates and numbers change together. */
function Console() {
  const language = useLanguage()
  const themed = useMemo(theme, [language]) // it holds words
  return (
    <MantineProvider theme={themed} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" />
        <RouterProvider key={language} router={router} />
      </QueryClientProvider>
    </MantineProvider>
  )
}

await begin()
// What the server said, it said in the language of that time.
i18n.on('languageChanged', () => void client.invalidateQueries())

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Console />
  </StrictMode>,
)
