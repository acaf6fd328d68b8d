import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { ApiError, type Problem } from '../api/client'
import { Reach } from './reach'

const problem = (status: number, title = ''): Problem => ({ title, status, code: 'unavailable', detail: 'no' })

test('what is on the screen is from when Heed was heard last', () => {
  let now = 1000
  const reach = new Reach(() => now)
  let told = 0
  const end = reach.subscribe(() => { told++ })
  now = 2000
  reach.heard()
  expect([reach.since(), told]).toEqual([undefined, 0])
  now = 3000
  reach.missed()
  now = 4000
  reach.missed()
  expect([reach.since(), told]).toEqual([2000, 1])
  reach.heard()
  expect([reach.since(), told]).toEqual([undefined, 2])
  now = 5000
  end()
  reach.missed()
  expect([reach.since(), told]).toEqual([4000, 2])
})

test('questions without an answer are silence; what Heed refuses is an answer', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const reach = new Reach(() => 1000)
  const end = reach.follow(client.getQueryCache())
  const ask = (key: string, answer: () => unknown) => client.fetchQuery({ queryKey: [key], queryFn: async () => answer() }).catch(() => {})
  const refuse = (error: unknown) => () => { throw error }
  for (const [error, silent] of [
    [new ApiError(0, problem(0)), true], [new ApiError(502, problem(502)), true], [new ApiError(503, problem(503)), true],
    [new ApiError(503, problem(503, 'Service Unavailable')), false], [new ApiError(404, problem(404, 'Not Found')), false], [new Error('of the console itself'), false],
  ] as const) {
    reach.heard()
    await ask(String(error), refuse(error))
    expect(reach.since(), `${String(error)} ${error instanceof ApiError ? error.status : ''}`).toBe(silent ? 1000 : undefined)
  }
  await ask('away', refuse(new ApiError(0, problem(0))))
  client.setQueryData(['edit'], 1) // what an edit shows is no answer
  expect(reach.since()).toBe(1000)
  await ask('back', () => 1)
  expect(reach.since()).toBeUndefined()
  end()
  await ask('unheard', refuse(new ApiError(0, problem(0))))
  expect(reach.since()).toBeUndefined()
})
