// Codes of the API in the words of people. What is not listed shows as it came, made readable.

const reasons: Record<string, string> = {
  OK: 'Nothing spoke against it',
  CRITICAL: 'Service-critical: passed what stops others',
  BAD_INTENT: 'Names no channel, purpose or person',
  UNKNOWN_PURPOSE: 'The brand has no such purpose',
  UNKNOWN_PERSON: 'Nobody is known by that',
  SUPPRESSED: 'The address bounced, complained or was blocked',
  UNREACHABLE: 'No address for this channel',
  NO_CONSENT: 'They never said yes to this',
  OPTED_OUT: 'They said no',
  CONSENT_PENDING: 'Their confirmation is outstanding',
  OPEN_CASE: 'Their case is still open',
  RECOVERY: 'A case was closed only recently',
  GOOD_EXPERIENCE: 'They just had a good moment',
  MUTED_TOPIC: 'They do not want this topic',
  PREFERRED_CHANNEL: 'They asked for another channel',
  RULE: 'A relationship rule says no',
  RULE_BROKEN: 'A rule cannot be evaluated, so the answer is no',
  QUIET_HOURS: 'Quiet hours where they are',
  NO_ZONE: 'Nobody knows what time it is for them',
  CAP: 'They heard enough from us already',
  TOPIC_NOT_WANTED: 'Not among the topics they chose',
  EXPIRED: 'Stale before it could go',
  ARBITRATION: 'Waits in case something better comes',
  LOWER_PRIORITY: 'Something more important went instead',
  WITHDRAWN: 'The journey that wanted it has ended',
  TOO_MANY: 'Too much was wanted at once',
}

const outcomes: Record<string, string> = { send: 'Sent', hold: 'Held', drop: 'Dropped' }

const ends: Record<string, string> = {
  done: 'came to the end', exit: 'the exit rule became true', goal: 'reached the goal', holdout: 'held out on purpose, to measure',
  dropped: 'a message was not allowed', merged: 'two people became one', deleted: 'the journey was deleted', new_version: 'a new version came',
  no_such_node: 'its node is gone in the new version', step_budget: 'passed more steps than allowed', paused_past: 'its time passed while paused',
  no_date: 'the date to wait for is missing',
}

const reviewKinds: Record<string, string> = {
  shared: 'Two known people use it', capped: 'More of a kind than one person has', kiosk: 'Many people on one device',
  alias_refused: 'A public key wanted to merge two known people',
}

/** "QUIET_HOURS" and "quiet_hours" as "Quiet hours". */
export function readable(code: string): string {
  const text = code.replace(/[_-]+/g, ' ').trim()
  const lower = text === text.toUpperCase() ? text.toLowerCase() : text
  return lower.charAt(0).toUpperCase() + lower.slice(1)
}

export const reasonText = (code: string) => reasons[code] ?? readable(code)
export const outcomeText = (code: string) => outcomes[code] ?? readable(code)
export const endText = (code: string) => ends[code] ?? readable(code).toLowerCase()
export const reviewText = (code: string) => reviewKinds[code] ?? readable(code)

/** Every reason, for filters. */
export const reasonCodes = Object.keys(reasons)

export type Tone = 'good' | 'wait' | 'bad' | 'accent' | 'mute'

/** What an outcome, a message state, a run's status or a consent means for the eye. */
export function toneOf(state: string): Tone {
  switch (state) {
    case 'send': case 'sent': case 'delivered': case 'granted': case 'done': case 'accepted': return 'good'
    case 'finished': case 'active': case 'running': case 'reserved': case 'sending': return 'accent'
    case 'hold': case 'held': case 'pending': case 'paused': case 'unknown': case 'interrupted': return 'wait'
    case 'drop': case 'denied': case 'bounced': case 'complained': case 'failed': case 'rejected': return 'bad'
  }
  return 'mute'
}

const channels: Record<string, string> = { web: 'Web', app: 'App', email: 'E-mail', sms: 'SMS', push: 'Push', phone: 'Phone', shop: 'Shop', community: 'Community', product: 'Product', billing: 'Billing', webhook: 'Webhook', inapp: 'In-app' }
export const channelText = (channel: string) => channels[channel] ?? readable(channel)
export const channelNames = ['web', 'app', 'email', 'phone', 'shop', 'community', 'product', 'billing']
export const departmentNames = ['marketing', 'service', 'product', 'sales', 'billing']

/** A decision's sentence without the outcome that the pill beside it shows already: "until 08:00 Tuesday: ...". */
export function sentence(text: string): string {
  const rest = text.replace(/^(sent|dropped|held)\s*:?\s*/i, '')
  return rest ? rest.charAt(0).toUpperCase() + rest.slice(1) : text
}

/** What somebody without a name is called: web visitors are known by nothing but a browser. */
export const nameless = (id: string) => `Visitor ${id.slice(-4)}`
