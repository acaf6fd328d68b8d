import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { eachItem, editing, perform, type Edit } from './edit'

type Journey = { name: string; paused: boolean }
type List = { items: Journey[] }

/** A server that answers when it is told to. */
function server() {
  const waiting: { done: (out: string) => void; refuse: (why: Error) => void }[] = []
  return { ask: () => new Promise<string>((done, refuse) => waiting.push({ done, refuse })), next: async () => { while (!waiting.length) await Promise.resolve(); return waiting.shift()! } }
}

function journeys() {
  const client = new QueryClient()
  client.setQueryData(['journeys', 'list'], { items: [{ name: 'welcome', paused: false }, { name: 'winback', paused: false }] })
  client.setQueryData(['journeys', 'welcome', 'runs'], { items: [{ id: 'a run' }] }) // another form, that the edit does not touch
  client.setQueryData(['journeys', 'welcome'], { journey: { name: 'welcome', paused: false } })
  const { ask, next } = server()
  const pause: Edit<boolean, string> = {
    run: ask, back: ask, touches: [['journeys']],
    shown: (paused) => [
      { key: ['journeys', 'list'], as: eachItem<Journey>((j) => (j.name === 'welcome' ? { ...j, paused } : j)) },
      { key: ['journeys', 'welcome'], as: (d: { journey: Journey }) => ({ journey: { ...d.journey, paused } }) },
      { key: ['journeys', 'not on the screen'], as: () => { throw new Error('there is no such answer') } },
    ],
  }
  const paused = () => [client.getQueryData<List>(['journeys', 'list'])!.items.map((j) => j.paused), client.getQueryData<{ journey: Journey }>(['journeys', 'welcome'])!.journey.paused]
  const stale = () => client.getQueryState(['journeys', 'list'])!.isInvalidated
  return { client, pause, next, paused, stale }
}

test('an edit is shown at once, and taken back through the server', async () => {
  const { client, pause, next, paused, stale } = journeys()
  const edit = perform(client, pause, true)
  const asked = await next()
  expect(paused()).toEqual([[true, false], true])
  expect(client.isMutating({ mutationKey: editing })).toBe(1)
  asked.done('yes')
  const { out, undo } = await edit
  expect(out).toBe('yes')
  expect(stale()).toBe(true)
  expect(client.isMutating({ mutationKey: editing })).toBe(0)

  const taken = undo!()
  const back = await next()
  expect(paused()).toEqual([[false, false], false])
  back.done('yes')
  await taken
})

test('lists with any filter are changed together', async () => {
  const client = new QueryClient()
  const { ask, next } = server()
  for (const filter of ['', 'ann']) client.setQueryData(['suppressions', filter], { pages: [{ items: [{ address: 'a@x.example' }, { address: 'b@x.example' }] }] })
  const lifted = perform(client, { run: ask, touches: [], shown: () => [{ key: ['suppressions'], all: true, as: eachItem<{ address: string }>((r) => (r.address === 'a@x.example' ? undefined : r)) }] }, undefined)
  const asked = await next()
  for (const filter of ['', 'ann']) expect(client.getQueryData(['suppressions', filter])).toEqual({ pages: [{ items: [{ address: 'b@x.example' }] }] })
  asked.done('yes')
  await lifted
})

test('what the server refuses is shown as it was', async () => {
  const { client, pause, next, paused, stale } = journeys()
  const edit = perform(client, pause, true);
  (await next()).refuse(new Error('You may not do this.'))
  await expect(edit).rejects.toThrow('You may not do this.')
  expect(paused()).toEqual([[false, false], false])
  expect(stale()).toBe(true)
})

test('what cannot be undone any more is shown as it is', async () => {
  const { client, pause, next, paused } = journeys()
  const edit = perform(client, pause, true);
  (await next()).done('yes')
  const taken = (await edit).undo!();
  (await next()).refuse(new Error('Somebody has changed it.'))
  await expect(taken).rejects.toThrow('Somebody has changed it.')
  expect(paused()).toEqual([[true, false], true])
})

test('an edit without a way back offers none', async () => {
  const { client, pause, next } = journeys()
  const edit = perform(client, { ...pause, back: undefined }, true);
  (await next()).done('yes')
  expect((await edit).undo).toBeUndefined()
})

test('items are changed and taken out of whole lists and of pages', () => {
  const without = eachItem<Journey>((j) => (j.name === 'welcome' ? undefined : j))
  const list = { items: [{ name: 'welcome', paused: false }, { name: 'winback', paused: true }], next: 'x' }
  expect(without(list)).toEqual({ items: [list.items[1]], next: 'x' })
  expect(without({ pages: [list, { items: [] }] })).toEqual({ pages: [{ items: [list.items[1]], next: 'x' }, { items: [] }] })
})
