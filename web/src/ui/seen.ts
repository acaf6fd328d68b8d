import type { Schemas } from '../api/client'

export type Spec = Schemas['Spec']

/** A document as it was saved last, if that is a version which whoever edits it has not seen. `seen` 0: they begin a new one. */
export function unseen(latest: Spec | undefined, seen: number): Spec | undefined {
  if (!latest || latest.version <= seen) return undefined
  return latest.deleted && seen === 0 ? undefined : latest // a new one may take the name of what is gone
}

/** The later of two versions of a document. */
export const newest = (a: Spec | undefined, b: Spec | undefined) => (a && b && a.kind === b.kind && a.name === b.name && b.version > a.version ? b : a)

/** The version that is replaced by saving over another one; 0: that is gone. */
export const standing = (theirs: Spec) => (theirs.deleted ? 0 : theirs.version)

/** The headers that say which version has been seen. */
export const matching = (seen: number) => (seen ? { 'If-Match': `"v${seen}"` } : { 'If-None-Match': '*' })

/** A document as the text of a file: JSON, which YAML reads. */
export const asFile = (kind: string, name: string, doc: object) => ({ 'console.yaml': JSON.stringify({ kind, name, ...doc }, null, 1) })
