import { describe, expect, it } from 'vitest'
import { asIdentifier, endOfDay, type Interaction } from '../queries'
import { byDay, title } from './Timeline'

const at = (iso: string, more: Partial<Interaction> = {}): Interaction => ({ at: iso, type: 'track', name: 'Order Completed', ...more })

describe('timeline', () => {
  it('groups by day in the order given', () => {
    const now = Date.parse('2026-11-21T12:00:00Z')
    const days = byDay([at('2026-11-21T10:00:00Z'), at('2026-11-21T09:00:00Z'), at('2026-11-20T12:00:00Z')], now)
    expect(days.map(([day, rows]) => [day, rows.length])).toEqual([['Today', 2], ['Yesterday', 1]])
  })
  it('says things in words', () => {
    expect(title(at('', { properties: { order_id: 'W-1', revenue: 59.9, currency: 'EUR' } }))).toEqual({ title: 'Order Completed', detail: 'W-1 · €59.90' })
    expect(title(at('', { type: 'page', name: 'Linen shirt' })).title).toBe('Looked at Linen shirt')
    expect(title(at('', { type: 'message_decided', name: 'hold', properties: { purpose: 'voice', channel: 'email' }, text: 'held until 08:00 Sunday: quiet hours in Tokyo' })))
      .toEqual({ title: 'Voice by E-mail', detail: 'Until 08:00 Sunday: quiet hours in Tokyo', state: 'hold' })
    expect(title(at('', { summary: 'Order Completed (Web shop)', touchpoint: 'Web shop' })).detail).toBeUndefined()
  })
})

describe('queries', () => {
  it('knows an identifier from a name', () => {
    expect(asIdentifier('email:ann@example.com')).toBe('email:ann@example.com')
    expect(asIdentifier('loyalty_card: 77')).toBe('loyalty_card:77')
    expect(asIdentifier('Ann Example')).toBeUndefined()
    expect(asIdentifier('ann@example.com')).toBeUndefined()
  })
  it('takes a day to its end', () => {
    expect(Date.parse(endOfDay('2026-11-21')!) - new Date('2026-11-21T00:00:00').getTime()).toBe(86_400_000)
    expect(endOfDay('')).toBeUndefined()
    expect(endOfDay('nonsense')).toBeUndefined()
  })
})
