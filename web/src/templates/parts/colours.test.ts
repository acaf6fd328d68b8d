import { describe, expect, it } from 'vitest'
import { coloursIn } from './colours'

describe('coloursIn', () => {
  it('finds the colours of a brand, the most frequent first', () => {
    expect(coloursIn(['<mj-text color="#0F5C5C" background-color="#fff">', '<mj-button color="#FFFFFF" border="1px solid #0f5c5c" href="#fade-in">#0f5c5c</mj-button> {{ "#12345" }}']))
      .toEqual(['#0f5c5c', '#ffffff'])
    expect(coloursIn(['#010101 #020202 #030303'], 2)).toEqual(['#010101', '#020202'])
  })
})
