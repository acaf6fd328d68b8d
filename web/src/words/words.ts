import { i18n, words } from './i18n'

// Codes of the API in the words of people. What is not listed shows as it came, made readable.

const t = words('words')
const known = (key: string) => i18n.exists(key, { ns: 'words' })

/** "QUIET_HOURS" and "quiet_hours" as "Quiet hours". */
export function readable(code: string): string {
  const text = code.replace(/[_-]+/g, ' ').trim()
  const lower = text === text.toUpperCase() ? text.toLowerCase() : text
  return lower.charAt(0).toUpperCase() + lower.slice(1)
}

export const reasonText = (code: string) => (known(`reason.${code}`) ? t(`reason.${code}`) : readable(code))
/** An outcome, a message's state, a run's or an import's status, a consent. */
export const outcomeText = (code: string) => (known(`outcome.${code}`) ? t(`outcome.${code}`) : readable(code))
export const endText = (code: string) => (known(`end.${code}`) ? t(`end.${code}`) : readable(code).toLowerCase())
export const reviewText = (code: string) => (known(`review.${code}`) ? t(`review.${code}`) : readable(code))
/** A kind of document of the configuration. */
export const kindText = (kind: string) => (known(`kind.${kind}`) ? t(`kind.${kind}`) : readable(kind))
export const roleText = (role: string) => (known(`role.${role}`) ? t(`role.${role}`) : readable(role))
/** A stage of the ladder that Heed begins with; a brand's own are called as it calls them. */
export const stageText = (name: string) => (known(`stage.${name}`) ? t(`stage.${name}`) : readable(name))
export const departmentText = (name: string) => (known(`department.${name}`) ? t(`department.${name}`) : readable(name))

/** What a person is known by: an identifier's kind, or a trait that many brands have. */
export const traitText = (name: string) => (known(`trait.${name}`) ? t(`trait.${name}`) : readable(name))
export const eventTypeText = (type: string) => (known(`type.${type}`) ? t(`type.${type}`) : readable(type))
export const classText = (name: string) => (known(`class.${name}`) ? t(`class.${name}`) : readable(name))
/** Why an address is blocked. */
export const blockText = (reason: string) => (known(`block.${reason}`) ? t(`block.${reason}`) : readable(reason))
/** A part of Heed, or a stage of its work: "state store", "worker 0", "channel email". */
export function partText(name: string): string {
  const [what, which = ''] = name.split(/ (?=\S+$)/)
  if (known(`part.${name}`)) return t(`part.${name}`)
  return which && known(`part.${what}.of`) ? t(`part.${what}.of`, { which: what === 'channel' ? channelText(which) : which }) : name
}

/** Every reason, for filters. */
export const reasonCodes = Object.keys(i18n.getResourceBundle('en', 'words') as object).filter((key) => key.startsWith('reason.')).map((key) => key.slice('reason.'.length))

export type Tone = 'good' | 'wait' | 'bad' | 'accent' | 'mute'

/** What an outcome, a message state, a run's status or a consent means for the eye. */
export function toneOf(state: string): Tone {
  switch (state) {
    case 'send': case 'sent': case 'delivered': case 'granted': case 'done': case 'accepted': return 'good'
    case 'finished': case 'active': case 'running': case 'uploading': case 'reserved': case 'sending': return 'accent'
    case 'hold': case 'held': case 'pending': case 'paused': case 'unknown': case 'interrupted': return 'wait'
    case 'drop': case 'denied': case 'bounced': case 'complained': case 'failed': case 'rejected': return 'bad'
  }
  return 'mute'
}

export const channelText = (channel: string) => (known(`channel.${channel}`) ? t(`channel.${channel}`) : readable(channel))
export const channelNames = ['web', 'app', 'email', 'phone', 'shop', 'community', 'product', 'billing']
export const departmentNames = ['marketing', 'service', 'product', 'sales', 'billing']

/** A decision's sentence without the outcome that the pill beside it shows already: "until 08:00 Tuesday: ...". */
export function sentence(text: string): string {
  const rest = text.replace(/^(sent|may go|dropped|held|gesendet|darf gehen|verworfen|gehalten)\b\s*[:,]?\s*/i, '')
  return rest ? rest.charAt(0).toUpperCase() + rest.slice(1) : text
}

/** What somebody without a name is called: web visitors are known by nothing but a browser. */
export const nameless = (id: string) => t('nameless', { end: id.slice(-4) })
