import { useQuery } from '@tanstack/react-query'
import { api, ApiError, must, type Schemas } from './client'

export type Me = Schemas['Me']

/** The permissions that the server knows; GET /session names those of whoever asks. */
export type Permission =
  | 'people:read' | 'people:write' | 'people:merge' | 'people:erase' | 'specs:read' | 'specs:write' | 'journeys:run'
  | 'decide:ask' | 'events:write' | 'stats:read' | 'data:manage' | 'data:export' | 'keys:manage' | 'users:manage' | 'audit:read' | 'backup:make'

export const sessionKey = ['session'] as const

/** Who is signed in: null for nobody. */
export async function loadSession(): Promise<Me | null> {
  try {
    return await must(api.GET('/api/v1/session'))
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null
    throw error
  }
}

export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: loadSession, staleTime: Infinity, retry: 1 })
}

/** Whether whoever is signed in may do something. The server asks again; this only hides what would be refused. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession()
  return (permission) => data?.permissions.includes(permission) ?? false
}
