import { describe, expect, it } from 'vitest'
import { speak } from './i18n'
import { brief, bytes, count, money, percent, plural, short } from './numbers'
import { absolute, dayName, relative, spanText } from './time'
import { readable, reasonText, sentence, toneOf } from './words'

describe('words', () => {
  it('makes codes readable', () => {
    expect(readable('SOMETHING_NEW')).toBe('Something new')
    expect(readable('first-order')).toBe('First order')
    expect(reasonText('QUIET_HOURS')).toBe('Quiet hours where they are')
    expect(reasonText('BRAND_NEW')).toBe('Brand new')
  })
  it('takes the outcome off a sentence', () => {
    expect(sentence('held until 08:00 Sunday: quiet hours in Tokyo')).toBe('Until 08:00 Sunday: quiet hours in Tokyo')
    expect(sentence('dropped: there is no address for email')).toBe('There is no address for email')
    expect(sentence('sent: nothing speaks against it')).toBe('Nothing speaks against it')
    expect(sentence('may go: nothing speaks against it')).toBe('Nothing speaks against it')
    expect(sentence('sent')).toBe('sent')
  })
  it('has a tone for what is good, waits and is bad', () => {
    expect([toneOf('send'), toneOf('held'), toneOf('bounced'), toneOf('whatever')]).toEqual(['good', 'wait', 'bad', 'mute'])
  })
})

describe('time', () => {
  const now = Date.UTC(2026, 10, 21, 22, 45)
  it('is relative in both directions', () => {
    expect(relative(now - 30_000, now)).toBe('just now')
    expect(relative(now - 4 * 60_000, now, 'en', 'long')).toBe('4 minutes ago')
    expect(relative(now + 49 * 3_600_000, now, 'en', 'long')).toBe('in 2 days')
    expect(relative(now + 30_000, now)).toBe('in a moment')
    expect(relative(now - 25 * 3_600_000, now, 'en', 'long')).toBe('yesterday')
    expect(relative(now + 31 * 86_400_000, now, 'en', 'long')).toBe('in 1 month')
  })
  it('names days in the zone', () => {
    expect(dayName(now, now, 'UTC')).toBe('Today')
    expect(dayName(now - 86_400_000, now, 'UTC')).toBe('Yesterday')
    expect(dayName(now + 2 * 3_600_000, now, 'Asia/Tokyo')).toBe('Today') // there it is the 22nd already, both times
    expect(dayName(Date.UTC(2025, 0, 2), now, 'UTC')).toBe('Thursday 2 January 2025')
  })
  it('is exact when asked', () => {
    expect(absolute(now, 'en-GB', 'UTC')).toBe('Sat, 21 Nov 2026, 22:45:00 UTC')
  })
  it('reads spans of specs', () => {
    expect(spanText('2d')).toBe('2 days')
    expect(spanText('1h30m')).toBe('1 hour 30 minutes')
    expect(spanText('soon')).toBe('soon')
  })
})

describe('numbers', () => {
  it('are short at an axis', () => {
    expect([0, 400, 1500, 20_000, 2_000_000, 40_000_000].map(short)).toEqual(['0', '400', '1.5K', '20K', '2M', '40M'])
  })
  it('formats', () => {
    expect(count(12345)).toBe('12,345')
    expect(brief(999_999)).toBe('999,999')
    expect(brief(1_240_000)).toBe('1.2M')
    expect(money(59.9, 'EUR')).toBe('€59.90')
    expect(money(59.9, 'not a currency')).toBe('not a currency 59.90')
    expect(percent(0.001)).toBe('<1 %')
    expect(percent(0.5)).toBe('50 %')
    expect(plural(1, 'person', 'people')).toBe('1 person')
    expect(bytes(1536)).toBe('1.5 KB')
  })
})

describe('another language', () => {
  it('changes texts, plurals, dates and numbers together', async () => {
    await speak('de')
    expect(reasonText('QUIET_HOURS')).toBe('Ruhezeit vor Ort')
    expect(spanText('1h30m')).toBe('1 Stunde 30 Minuten')
    expect(count(12345)).toBe('12.345')
    expect(dayName(Date.UTC(2025, 0, 2), Date.UTC(2026, 0, 2), 'UTC')).toBe('Donnerstag, 2. Januar 2025')
    await speak('en')
    expect(count(12345)).toBe('12,345')
  })
})
