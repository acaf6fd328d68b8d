import { describe, expect, it } from 'vitest'
import { ApiError } from '../api/client'
import { isTheOne, pieceSize, sendFrom, type Door, type Import } from './upload'

const error = (status: number) => new ApiError(status, { title: '', status, code: 'unavailable', detail: `${status}` })

/** A server that keeps what comes, and breaks as it is told. */
function server(breaks: (call: number) => { keep: number; status: number } | undefined) {
  const parts: Blob[] = []
  const asked: number[] = []
  let calls = 0
  const here = () => parts.reduce((n, p) => n + p.size, 0)
  const door: Door = {
    offset: async () => { asked.push(here()); return here() },
    put: async (at, piece) => {
      if (at !== here()) throw error(409)
      const b = breaks(calls++)
      parts.push(b ? piece.slice(0, b.keep) : piece)
      if (b) throw error(b.status)
      return here()
    },
  }
  return { door, asked, text: () => new Blob(parts).text() }
}

const content = 'x'.repeat(pieceSize) + 'y'.repeat(pieceSize) + 'z'.repeat(1000)
const file = new Blob([content])
const waits: number[] = []
const pause = async (ms: number) => { waits.push(ms) }

describe('sendFrom', () => {
  it('goes on where the connection broke, with what of a piece had come', async () => {
    const s = server((n) => (n === 1 ? { keep: 12_345, status: 0 } : undefined))
    const told: number[] = []
    await sendFrom(s.door, file, (n) => told.push(n), pause)
    expect(await s.text()).toBe(content)
    expect(s.asked).toEqual([0, pieceSize + 12_345])
    expect(told.at(-1)).toBe(file.size)
    expect([...told].sort((a, b) => a - b)).toEqual(told) // it never goes back
  })
  it('goes on with what an earlier page had sent', async () => {
    const s = server(() => undefined)
    await s.door.put(0, file.slice(0, 5000), () => {})
    await sendFrom(s.door, file, () => {}, pause)
    expect(await s.text()).toBe(content)
    expect(s.asked).toEqual([5000])
  })
  it('gives up when it is refused, and when it breaks again and again', async () => {
    const refused = server(() => ({ keep: 0, status: 403 }))
    await expect(sendFrom(refused.door, file, () => {}, pause)).rejects.toThrow('403')
    expect(refused.asked).toHaveLength(1)
    waits.length = 0
    await expect(sendFrom(server(() => ({ keep: 0, status: 503 })).door, file, () => {}, pause)).rejects.toThrow('503')
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000, 15_000])
  })
})

describe('isTheOne', () => {
  const begun = { id: 'i', state: 'uploading', file: 'my_orders.csv.gz', total_bytes: 9, bytes: 3, modified: '2026-01-02T03:04:05.678Z' } as Import
  const chosen = { name: 'my orders.csv.gz', size: 9, lastModified: Date.parse('2026-01-02T03:04:05.678Z') }
  it('knows a file by its name, size and last change', () => {
    expect(isTheOne(begun, chosen)).toBe(true)
    expect(isTheOne(begun, { ...chosen, size: 10 })).toBe(false)
    expect(isTheOne(begun, { ...chosen, lastModified: 1 })).toBe(false)
    expect(isTheOne(begun, { ...chosen, name: 'orders.csv.gz' })).toBe(false)
    expect(isTheOne({ ...begun, state: 'done' }, chosen)).toBe(false)
  })
})
