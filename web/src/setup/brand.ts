import { api, must, type Schemas } from '../api/client'
import { matching } from '../ui/seen'

/** What the wizard asks of a brand; the rest of the document stays as it is. */
export type BrandBody = { title?: string; zone?: string; currency?: string; locale?: string; sender?: { name?: string; email?: string } } & Record<string, unknown>
export type Brand = { name: string; version: number; body: BrandBody }

export const brandKey = ['specs', 'brand', 'whole']

export const brandOf = (s: Schemas['Spec']): Brand => ({ name: s.name, version: s.version, body: (s.body ?? {}) as BrandBody })

export async function loadBrand(): Promise<Brand | null> {
  const one = (await must(api.GET('/api/v1/specs', { params: { query: { kind: 'brand' } } }))).items[0]
  return one ? brandOf(one) : null
}

/** A brand's document with changes; the first one begins with what most brands want. */
export const changed = (body: BrandBody | undefined, change: BrandBody): BrandBody => ({ ...(body ?? { zone_chain: ['person', 'country', 'brand'], locale: 'en' }), ...change })

/** Keeps the brand if it is still at the version that was seen; 0: if there is none. */
export async function saveBrand(name: string, seen: number, body: BrandBody): Promise<Brand> {
  return brandOf(await must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'brand', name }, header: matching(seen) }, body })))
}

/** A title as the name of a document: "Lumen & Loom" as lumen-loom. */
export function nameOf(title: string): string {
  const plain = title.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replaceAll('ß', 'ss').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  return plain.slice(0, 40).replace(/-+$/, '') || 'brand'
}
