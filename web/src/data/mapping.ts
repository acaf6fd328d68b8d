import type { Schemas } from '../api/client'

export type Column = Schemas['PreviewColumn']
export type As = Column['as']

export const roles: As[] = ['user_id', 'email', 'phone', 'anonymous_id', 'timestamp', 'event', 'property', 'skip']

/** What says whose a row is. */
export const ids: As[] = ['user_id', 'email', 'phone', 'anonymous_id']

const quote = (s: string) => JSON.stringify(s)

/** "OrderID" as "order_id", the way properties are written. */
export function propertyName(column: string): string {
  return column.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'value'
}

export type Plan = { name: string; source: string; event: string; format: string; delimiter?: string; columns: Column[] }

/** The mapping file for what was chosen. `suggested` is the server's: it knows how the times are written. */
export function mappingText(p: Plan, suggested: string): string {
  const lines = ['kind: import', `name: ${quote(p.name)}`, `source: ${quote(p.source)}`]
  if (p.format === 'csv' && p.delimiter && p.delimiter !== ',') lines.push(`delimiter: ${quote(p.delimiter)}`)
  if (p.format === 'ndjson') lines.push('format: ndjson')
  const event = p.columns.find((c) => c.as === 'event')
  lines.push(event ? `event: {column: ${quote(event.name)}}` : `event: ${quote(p.event)}`)
  const at = p.columns.find((c) => c.as === 'timestamp')
  if (at) {
    const known = suggested.split('\n').find((l) => l.startsWith('timestamp:') && l.includes(quote(at.name)))
    lines.push(known ?? `timestamp: ${quote(at.name)}`)
  }
  const whose = p.columns.filter((c) => ids.includes(c.as))
  if (whose.length) lines.push('ids:', ...whose.map((c) => `  ${c.as}: ${/^\d+\.0+$/.test(c.sample ?? '') ? `{column: ${quote(c.name)}, type: integer}` : quote(c.name)}`))
  const properties = p.columns.filter((c) => c.as === 'property')
  if (properties.length) lines.push('properties:', ...properties.map((c) => `  ${quote(propertyName(c.name))}: {column: ${quote(c.name)}${c.kind === 'number' && p.format === 'csv' ? ', type: number' : ''}}`))
  return lines.join('\n') + '\n'
}

/** A role for one column; a role that only one may have is taken from the other. */
export function withRole(columns: Column[], name: string, as: As): Column[] {
  return columns.map((c) => (c.name === name ? { ...c, as } : c.as === as && as !== 'property' && as !== 'skip' ? { ...c, as: 'property' } : c))
}

/** The beginning of a file as text; a packed one is unpacked. */
export async function beginningOf(file: File, bytes = 48 * 1024): Promise<string> {
  if (!file.name.toLowerCase().endsWith('.gz')) return new TextDecoder().decode(await file.slice(0, bytes).arrayBuffer())
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const parts: Uint8Array[] = []
  for (let size = 0; size < bytes;) {
    const { value, done } = await reader.read()
    if (done) break
    parts.push(value)
    size += value.length
  }
  await reader.cancel()
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) { all.set(p, at); at += p.length }
  return new TextDecoder().decode(all.slice(0, bytes))
}
