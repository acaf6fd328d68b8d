// The texts of documents. The server reads and writes YAML; the console only cuts an exported file into its documents
// and begins new ones, so that the author's formatting stays the server's.

export type Doc = { kind: string; name: string; text: string }

/** Cuts the files of GET /specs/export into documents. */
export function documents(files: Record<string, string>): Doc[] {
  return Object.values(files).flatMap((file) => file.split(/^---\s*$/m)).flatMap((text) => {
    const kind = field(text, 'kind')
    const name = field(text, 'name')
    return kind && name ? [{ kind, name, text: text.replace(/^\n+/, '') }] : []
  })
}

/** A field of a document, of which each stands on a line of its own, or all in braces. */
function field(text: string, name: string): string | undefined {
  const m = /^\s*\{/.test(text) ? new RegExp(`[{,]\\s*["']?${name}["']?\\s*:\\s*([^,}\\s]+)`).exec(text) : new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(text)
  return m?.[1].replace(/^(["'])(.*)\1$/, '$2') || undefined
}

/** A stored version as text: its fields as JSON, which YAML reads. */
export function asText(kind: string, name: string, body: unknown): string {
  const lines = Object.entries((body ?? {}) as Record<string, unknown>).map(([k, v]) => {
    if (typeof v === 'string' && v.includes('\n') && !/[^\S\n]$|\t/m.test(v) && !v.startsWith(' ')) return `${k}: |${v.endsWith('\n') ? '' : '-'}\n${v.replace(/\n$/, '').split('\n').map((l) => (l ? `  ${l}` : '')).join('\n')}`
    return `${k}: ${JSON.stringify(v)}`
  })
  return [`kind: ${kind}`, `name: ${name}`, ...lines].join('\n') + '\n'
}

export const specKinds = ['brand', 'purpose', 'source', 'segment', 'lifecycle', 'journey', 'template', 'rule', 'cap', 'quiet_hours', 'channel', 'broadcast'] as const
export type SpecKind = (typeof specKinds)[number]

/** A first text for a new document of a kind. */
export function beginning(kind: SpecKind): string {
  const texts: Record<SpecKind, string> = {
    brand: 'title: Our brand\nzone: Europe/Lisbon\nzone_chain: [person, country, brand]\ncurrency: EUR\nlocale: en\nsender: {name: Our brand, email: hello@example.com}\n',
    purpose: 'title: Stories and offers\nclass: marketing   # service_critical, service, marketing, survey, community\nconsent: opt_in    # opt_in, opt_out, none\nselling: true\n',
    source: 'title: Web shop\ntouchpoint: Web shop\nchannel: web       # web, app, email, phone, shop, community, product, billing\ndirection: inbound\ndepartment: marketing\n',
    segment: 'title: Three orders or more in 90 days\nrule: did "Order Completed" at least 3 times within 90d\n',
    lifecycle: 'title: Our ladder\nstages:\n- name: visitor\n- name: customer\n  rule: orders.count >= 1\n',
    journey: 'title: Welcome\ntrigger: {event: Signed Up}\nentry: {limit: 1}\nnodes:\n- id: rest\n  wait: 1d\n- id: hello\n  message: {channel: email, purpose: stories, template: welcome}\n',
    template: 'title: Welcome\nchannel: email\nsubject: "Welcome, {{ person.first_name | default: \'friend\' }}"\nhtml: |\n  <p>Good to have you.</p>\n  <p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>\n',
    rule: 'title: Nobody is sold to while something is wrong\nselling: true\nforbid: has open case or case closed within 7d\nthen: hold         # hold, drop\ntext: Something is still open with us. We do not sell until it is put right.\n',
    cap: 'title: At most two sales mails in seven days\nmax: 2\nper: 7d\nchannel: email\nclass: marketing\n',
    quiet_hours: 'title: Nobody is written to at night\nfrom: "21:00"\nto: "08:00"\nchannels: [email, sms, push]\nclasses: [marketing, survey, community]\n',
    channel: 'title: Our mail server\n',
    broadcast: 'title: New colours\nsegment: regulars\nmessage: {channel: email, purpose: stories, template: welcome}\nwhen: now          # or {at: 2026-12-01T09:00:00Z}, {local: "2026-12-01 09:00"}\npace: 600 per minute\nholdout: 10\n',
  }
  return `kind: ${kind}\nname: my-${kind.replace('_', '-')}\n${texts[kind]}`
}
