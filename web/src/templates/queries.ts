import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import { fresh } from '../ui/fresh'

export type Preview = Schemas['TemplatePreview']
export type Finding = Schemas['TemplateFinding']

/** A template as its document says it. */
export type Body = {
  title?: string
  channel: string
  subject?: string
  preheader?: string
  html?: string
  mjml?: string
  text?: string
  body?: string
  [more: string]: unknown
}

export const templateKey = (name: string) => ['specs', 'template', name]

export function useTemplates() {
  return useQuery({ queryKey: ['specs', 'template'], queryFn: () => must(api.GET('/api/v1/specs', { params: { query: { kind: 'template' } } })) })
}

export function useTemplate(name: string) {
  return useQuery({ queryKey: templateKey(name), enabled: name !== fresh, queryFn: () => must(api.GET('/api/v1/specs/{kind}/{name}', { params: { path: { kind: 'template', name } } })) })
}

export function useVersions(name: string, enabled: boolean) {
  return useQuery({ queryKey: [...templateKey(name), 'versions'], enabled, queryFn: () => must(api.GET('/api/v1/specs/{kind}/{name}/versions', { params: { path: { kind: 'template', name } } })) })
}

export type For = { person?: string; locale?: string; links?: boolean }

/** The template as somebody would see it; asked for again when whoever writes it rests for a moment. */
export function usePreview(name: string, body: Body, about: For, enabled = true) {
  const [still] = useDebouncedValue(body, 400)
  return useQuery({
    queryKey: ['preview', name, still, about], enabled, placeholderData: keepPreviousData, staleTime: 60_000, gcTime: 60_000, retry: false,
    queryFn: ({ signal }) => must(api.POST('/api/v1/templates/preview', { body: { name, body: still, ...about }, signal })),
  })
}

/** The traits that customers have, for completing {{ person. }}. */
export function useTraits() {
  return useQuery({
    queryKey: ['vocabulary'], staleTime: 300_000, retry: false,
    queryFn: () => must(api.GET('/api/v1/vocabulary')),
    select: (v) => v.traits.map((x) => x.name).filter((n) => !n.includes('.')),
  })
}
