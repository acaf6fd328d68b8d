package decide

// The codes of a decision's reason. They are stable: reports, the API and journeys' branches rely on them.
const (
	OK       = "OK"       // nothing speaks against it
	Critical = "CRITICAL" // service-critical: passed what would have stopped another message; audited

	BadIntent      = "BAD_INTENT"      // names no channel, no purpose or nobody
	UnknownPurpose = "UNKNOWN_PURPOSE" // the brand has no such purpose
	UnknownPerson  = "UNKNOWN_PERSON"  // nobody is known by that
	Suppressed     = "SUPPRESSED"      // bounce, complaint, or blocked by hand
	Unreachable    = "UNREACHABLE"     // no address for the channel
	NoConsent      = "NO_CONSENT"      // nobody asked, or they never answered
	OptedOut       = "OPTED_OUT"       // they said no
	ConsentPending = "CONSENT_PENDING" // asked, the confirmation is outstanding

	OpenCase         = "OPEN_CASE"         // no selling while a case is open
	Recovery         = "RECOVERY"          // no selling within the recovery window
	GoodExperience   = "GOOD_EXPERIENCE"   // no unrelated selling right after a good experience
	MutedTopic       = "MUTED_TOPIC"       // they do not want to hear about it
	PreferredChannel = "PREFERRED_CHANNEL" // they asked for another channel
	Rule             = "RULE"              // a relationship rule of the brand
	RuleBroken       = "RULE_BROKEN"       // a rule that cannot be evaluated: the answer is no

	QuietHours = "QUIET_HOURS" // quiet hours where they are
	NoZone     = "NO_ZONE"     // nobody knows what time it is where they are
	Cap        = "CAP"         // often enough

	TopicNotWanted = "TOPIC_NOT_WANTED" // they named the topics they want, and this is none of them
	Expired        = "EXPIRED"          // stale before it could go

	Arbitration   = "ARBITRATION"    // waits for its window to close: something better may come
	LowerPriority = "LOWER_PRIORITY" // something with a higher priority went instead

	Withdrawn = "WITHDRAWN" // the journey run that wanted it has ended
	TooMany   = "TOO_MANY"  // one batch wanted more for one person than can be meant
	Crowded   = "CROWDED"   // too many messages are held for one person, and this one matters least
)

// Reasons are all codes with one plain sentence each, for lists and the API's documentation.
func Reasons() map[string]string {
	return map[string]string{
		OK:               "Nothing speaks against it.",
		Critical:         "Service-critical: it passed what would have stopped another message.",
		BadIntent:        "The request names no channel, no purpose or nobody.",
		UnknownPurpose:   "The brand has declared no such purpose.",
		UnknownPerson:    "Nobody is known by that.",
		Suppressed:       "The channel or address is blocked: a bounce, a complaint, or by hand.",
		Unreachable:      "There is no address for the channel.",
		NoConsent:        "There is no consent for this purpose and channel.",
		OptedOut:         "They said no to this purpose or channel.",
		ConsentPending:   "They were asked, and their confirmation is outstanding.",
		OpenCase:         "No selling while a case is open.",
		Recovery:         "No selling so soon after something went wrong.",
		GoodExperience:   "No unrelated selling right after a good experience.",
		MutedTopic:       "They do not want to hear about this topic.",
		PreferredChannel: "They asked for another channel.",
		Rule:             "A relationship rule of the brand forbids it.",
		RuleBroken:       "A relationship rule cannot be evaluated, so the answer is no.",
		QuietHours:       "It is quiet hours where they are.",
		NoZone:           "Nobody knows what time it is where they are.",
		Cap:              "They have heard from us often enough.",
		TopicNotWanted:   "They named the topics they want, and this is none of them.",
		Expired:          "It was stale before it could go.",
		Arbitration:      "It waits for its window to close: something better may come.",
		LowerPriority:    "Something with a higher priority went instead.",
		Withdrawn:        "The journey that wanted it has ended or moved on.",
		Crowded:          "So many messages wait for them already, and this one matters least.",
		TooMany:          "One moment wanted more messages for one person than can be meant.",
	}
}
