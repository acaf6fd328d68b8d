import { api, must } from '../api/client'

/** What the wizard asks of a brand; the rest of the document stays as it is. */
export type BrandBody = { title?: string; zone?: string; currency?: string; locale?: string; sender?: { name?: string; email?: string } } & Record<string, unknown>
export type Brand = { name: string; version: number; body: BrandBody }

export async function loadBrand(): Promise<Brand | null> {
  const one = (await must(api.GET('/api/v1/specs', { params: { query: { kind: 'brand' } } }))).items[0]
  return one ? { name: one.name, version: one.version, body: (one.body ?? {}) as BrandBody } : null
}

/** Keeps changes of the brand; its first document is named after its title. */
export function saveBrand(brand: Brand | null, change: BrandBody) {
  const body = { ...(brand?.body ?? { zone_chain: ['person', 'country', 'brand'], locale: 'en' }), ...change }
  return must(api.PUT('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'brand', name: brand?.name ?? nameOf(change.title ?? '') } }, body }))
}

/** A title as the name of a document: "Lumen & Loom" as lumen-loom. */
export function nameOf(title: string): string {
  const plain = title.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replaceAll('ß', 'ss').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  return plain.slice(0, 40).replace(/-+$/, '') || 'brand'
}
