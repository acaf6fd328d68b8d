import { expect, it } from 'vitest'

const root = '/node_modules/@mantine/core/esm/components'
const parts = import.meta.glob<string>('/node_modules/@mantine/core/esm/**/*.mjs', { import: 'default', query: '?raw' })
const styles = import.meta.glob<string>('/src/mantine.ts', { import: 'default', query: '?raw', eager: true })
const sources = import.meta.glob<string>('/src/**/*.tsx', { import: 'default', query: '?raw', eager: true })

it('has the styles of every control that is used, and of those that these are made of', async () => {
  const used = Object.values(sources).flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap(([, names]) => names.split(',').map((name) => name.trim())))
  used.push('Notification') // the console's notifications are drawn with it
  const todo = used.map((name) => `${root}/${name}/${name}.mjs`).filter((path) => path in parts)
  expect(todo).toContain(`${root}/Button/Button.mjs`)
  const seen = new Set<string>()
  const needed = new Set<string>()
  for (let path = todo.pop(); path; path = todo.pop()) {
    if (seen.has(path) || !(path in parts)) continue
    seen.add(path)
    const own = /\/(\w+)\.module\.css\.mjs$/.exec(path)
    if (own) needed.add(own[1])
    for (const [, to] of (await parts[path]()).matchAll(/from ["'](\.[^"']+)["']/g)) todo.push(new URL(to, `file://${path}`).pathname)
  }
  const there = new Set([...styles['/src/mantine.ts'].matchAll(/styles\/(\w+)\.css/g)].map(([, name]) => name))
  expect([...needed].filter((name) => !there.has(name))).toEqual([])
})
