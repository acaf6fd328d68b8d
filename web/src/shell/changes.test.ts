import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { editing } from '../ui/edit'
import { follows, live, Refresher } from './changes'

test('a kind of change reaches the questions that it may answer anew, and no others', () => {
  const ann = '0192f0e1-0000-7000-8000-000000000001'
  const reached: [string, unknown[]][] = [
    ['journeys', ['journeys', 'list']], ['journeys', ['journeys', 'welcome']], ['journeys', ['journeys', 'welcome', 'runs', { state: 'active' }]], ['journeys', ['overview']],
    ['broadcasts', ['broadcasts', 'spring', 'people', {}]], ['decisions', ['decisions', { person: '' }]], ['decisions', ['decisions', 'counts', {}]],
    ['messages', ['messages', 'webhooks']], ['mails', ['mails']], ['history', ['catalogue', 'trends']], ['history', ['broadcasts', 'spring', 'goal', 'Order Completed', '7d']],
    ['rehearsals', ['journeys', 'rehearsal', '1']], ['specs', ['segments', 'list']], ['specs', ['specs', 'template']], ['segments', ['segments', 'vip', 'sizes']],
    [`people/${ann}`, ['people', ann, 'timeline', {}]], [`people/${ann}`, ['names', ann]], ['imports', ['imports']], ['exports', ['exports']], ['audit', ['audit', {}]],
    ['dead-letters', ['dead-letters', 'list']], ['keys', ['keys']], ['users', ['users']], ['reviews', ['reviews', 'list']], ['suppressions', ['suppressions', 'counts']],
  ]
  for (const [kind, key] of reached) {
    expect(follows(key, [kind]), `${kind} reaches ${JSON.stringify(key)}`).toBe(true)
    expect(live(key), JSON.stringify(key)).toBe(true)
  }
  const spared: [string, unknown[]][] = [
    ['journeys', ['journeys', 'check', 'welcome', {}]], ['journeys', ['segments', 'list']], ['mails', ['mails', '12']], ['decisions', ['decisions', 'one', '1']],
    ['segments', ['segments', 'preview', 'has open case']], [`people/${ann}`, ['people', 'other', 'memory']], [`people/${ann}`, ['people', 'list', {}]],
    ['people', ['people', ann, 'memory']], ['people', ['people', 'find', 'ann']], ['history', ['broadcasts', 'list']], ['what is not known', ['journeys', 'list']], ['specs', ['session']], ['specs', ['specs', 'template', 'welcome']],
  ]
  for (const [kind, key] of spared) expect(follows(key, [kind]), `${kind} spares ${JSON.stringify(key)}`).toBe(false)
  expect(live(['session'])).toBe(false)
})

/** A client with questions that are on the screen, each of which takes so long to answer. */
function screen(takes: number) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
  const asked: Record<string, number> = {}
  const show = (...key: string[]) => {
    const name = key.join('/')
    asked[name] = 0
    const queryFn = () => new Promise<number>((done) => setTimeout(() => done(++asked[name]), takes))
    return new QueryObserver(client, { queryKey: key, queryFn }).subscribe(() => {})
  }
  const refresher = new Refresher(client, () => Date.now())
  const tell = (...kinds: string[]) => {
    refresher.changed((q) => follows(q.queryKey, kinds))
    return refresher.pass()
  }
  return { client, asked, show, refresher, tell }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('what is on the screen is asked anew, the rest when somebody comes back to it', async () => {
  const { client, asked, show, tell } = screen(10)
  show('journeys', 'list')
  const gone = show('segments', 'list')
  await vi.advanceTimersByTimeAsync(20)
  gone()
  expect(tell('journeys', 'segments')).toBe(false)
  await vi.advanceTimersByTimeAsync(20)
  expect(asked).toEqual({ 'journeys/list': 2, 'segments/list': 1 })
  expect(client.getQueryState(['segments', 'list'])?.isInvalidated).toBe(true)
  expect(client.getQueryState(['journeys', 'list'])?.isInvalidated).toBe(false)
})

test('a slow question is asked for a tenth of the time at most, and the last change is not lost', async () => {
  const { asked, show, tell, refresher } = screen(1000)
  show('journeys', 'list')
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked['journeys/list']).toBe(1)
  for (let second = 0; second < 100; second++) { // something changes every second
    tell('journeys')
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(asked['journeys/list']).toBeGreaterThanOrEqual(10)
  expect(asked['journeys/list']).toBeLessThanOrEqual(12)
  await vi.advanceTimersByTimeAsync(10_000)
  const before = asked['journeys/list']
  tell('journeys')
  tell('journeys') // while it is being answered
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked['journeys/list']).toBe(before + 1)
  await vi.advanceTimersByTimeAsync(9000)
  expect(refresher.pass()).toBe(false)
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked['journeys/list']).toBe(before + 2)
})

test('while an edit is on its way nothing is asked that could show what was before', async () => {
  const { client, asked, show, tell, refresher } = screen(10)
  show('journeys', 'list')
  await vi.advanceTimersByTimeAsync(10)
  void client.getMutationCache().build(client, { mutationKey: [...editing], mutationFn: () => new Promise((done) => setTimeout(done, 500)) }).execute(undefined)
  await vi.advanceTimersByTimeAsync(1)
  expect(tell('journeys')).toBe(true)
  await vi.advanceTimersByTimeAsync(100)
  expect(asked['journeys/list']).toBe(1)
  await vi.advanceTimersByTimeAsync(500)
  refresher.pass()
  await vi.advanceTimersByTimeAsync(20)
  expect(asked['journeys/list']).toBe(2)
})
