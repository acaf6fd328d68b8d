import createClient from 'openapi-fetch'
import { language, words } from '../words/i18n'
import type { components, paths } from './schema'

const t = words('words')

/** The forms of the API, by name: `Schemas['Person']`. */
export type Schemas = components['schemas']
export type Problem = Schemas['Problem']

/** An answer that is not a success, with the sentence that says what to do. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.detail)
  }
}

/** The console's own client. The session is a cookie; the header says that no other site sent the request. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', headers: { 'X-Heed-Console': '1' } })

// What the server has to say, it says in the reader's language.
api.use({ onRequest: ({ request }) => { request.headers.set('Accept-Language', language()) } })

/** Called when the session has ended; the shell sets it. */
export const onSignedOut: { call: () => void } = { call: () => {} }

/** Gives the data of an answer, or throws an ApiError. */
export async function must<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let got
  try {
    got = await answer
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(0, problemOf(0, undefined))
  }
  if (!got.response.ok) {
    if (got.response.status === 401) onSignedOut.call()
    throw new ApiError(got.response.status, problemOf(got.response.status, got.error))
  }
  return got.data as T
}

function problemOf(status: number, body: unknown): Problem {
  if (body && typeof body === 'object' && 'detail' in body) return body as Problem
  const detail = status === 0 ? t('trouble.silent') : t('trouble.unsaid', { status })
  return { title: '', status, code: 'unavailable', detail }
}

/** What may be thrown, as a Problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem
  return { title: '', status: 0, code: 'internal', detail: error instanceof Error ? error.message : t('trouble.console') }
}
