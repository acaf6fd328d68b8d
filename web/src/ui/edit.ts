import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** How an edit that is shown before the server has it is known among mutations. While one is on its way nothing is asked anew: an answer could be older than what is shown. */
export const editing = ['edit'] as const

/** What an answer that is on the screen says once the edit is done; with `all`, each answer whose key begins so. */
export type Shown = { key: QueryKey; all?: boolean; as: (answer: never) => unknown }

const of = (s: Shown) => ({ queryKey: s.key, exact: !s.all })

export type Edit<In, Out> = {
  run: (input: In) => Promise<Out>
  /** What the pages show at once. */
  shown?: (input: In) => Shown[]
  /** Takes it back through the API. */
  back?: (input: In, out: Out) => Promise<unknown>
  /** Which questions it gives other answers. */
  touches: readonly QueryKey[]
}

type Answers = [QueryKey, unknown][]

/** Runs something as an edit: whoever keeps pages up to date waits for its end. */
const running = <T>(client: QueryClient, run: () => Promise<T>): Promise<T> =>
  client.getMutationCache().build<T, Error, void, unknown>(client, { mutationKey: [...editing], mutationFn: run, retry: false }).execute(undefined)

const put = (client: QueryClient, answers: Answers) => answers.forEach(([key, answer]) => client.setQueryData(key, answer))

/**
 * Makes an edit: the pages show it at once, and show what was before if the server refuses, which it throws. Gives what the
 * server said and, if the edit can be taken back, how: that too is shown at once, and shown again as it was if it fails.
 */
export async function perform<In, Out>(client: QueryClient, edit: Edit<In, Out>, input: In): Promise<{ out: Out; undo?: () => Promise<void> }> {
  const shown = edit.shown?.(input) ?? []
  const answers = (): Answers => shown.flatMap((s) => client.getQueriesData(of(s)))
  const settle = () => { for (const queryKey of edit.touches) void client.invalidateQueries({ queryKey }) }
  const attempt = <T>(run: () => Promise<T>, show: () => void) => running(client, async () => {
    await Promise.all(shown.map((s) => client.cancelQueries(of(s))))
    const was = answers()
    show()
    try {
      return await run()
    } catch (error) {
      put(client, was)
      throw error
    }
  }).finally(settle)

  let before: Answers = []
  const out = await attempt(() => edit.run(input), () => {
    before = answers()
    for (const s of shown) client.setQueriesData(of(s), (answer: unknown) => (answer === undefined ? undefined : s.as(answer as never)))
  })
  const { back } = edit
  return { out, undo: back && (async () => { await attempt(() => back(input, out), () => put(client, before)) }) }
}

type Page<T> = { items: T[] }

/** A list as it is with each item changed; one that becomes undefined is gone. Lists come whole, or in pages. */
export function eachItem<T>(change: (item: T) => T | undefined) {
  const page = (p: Page<T>): Page<T> => ({ ...p, items: p.items.map(change).filter((i): i is T & object => i !== undefined) })
  return (answer: Page<T> | { pages: Page<T>[] }) => ('pages' in answer ? { ...answer, pages: answer.pages.map(page) } : page(answer))
}
