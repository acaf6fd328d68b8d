// The page on which a document is worked on, by its kind; the others are texts in the settings.
const pages: Record<string, string> = {
  journey: '/journeys', segment: '/segments', template: '/templates', broadcast: '/broadcasts',
  purpose: '/rules/purpose', rule: '/rules/rule', quiet_hours: '/rules/quiet_hours', cap: '/rules/cap',
}

export function placeOf(kind: string, name: string): string {
  const page = pages[kind]
  return page ? `${page}/${encodeURIComponent(name)}` : `/settings/configuration?kind=${kind}&name=${encodeURIComponent(name)}`
}
