package account

import (
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// Permission is one thing that somebody may do. Every operation of the API declares the one that it takes.
type Permission string

// The permissions.
const (
	Anyone      Permission = "anyone"       // no credentials needed
	SignedIn    Permission = "signed_in"    // any user or API key
	ReadPeople  Permission = "people:read"  // see customers and what was said to them
	WritePeople Permission = "people:write" // note a call, record a consent, correct a trait
	MergePeople Permission = "people:merge" // merge and split
	ErasePeople Permission = "people:erase" // erase, and export everything of one person
	ReadSpecs   Permission = "specs:read"   // see segments, journeys, rules and so on
	WriteSpecs  Permission = "specs:write"  // change them
	RunJourneys Permission = "journeys:run" // pause, resume, enter somebody; start, pause and stop broadcasts
	AskDecide   Permission = "decide:ask"   // "may I contact this person?"
	SendEvents  Permission = "events:write" // bring events in
	ReadStats   Permission = "stats:read"   // counts, health, live view
	ManageData  Permission = "data:manage"  // imports, dead letters, the built-in mailbox
	ManageKeys  Permission = "keys:manage"  // API keys and write keys
	ManageUsers Permission = "users:manage" // the people who work here
	ReadAudit   Permission = "audit:read"   // who did what
	ExportData  Permission = "data:export"  // take lists of people, timelines and decisions out as files
	Backup      Permission = "backup:make"  // take everything away in one file
)

// Role is what somebody is here.
type Role string

// The roles.
const (
	Owner    Role = "owner"    // everything, and the only one who makes owners
	Admin    Role = "admin"    // everything but owners
	Marketer Role = "marketer" // segments, journeys, templates, rules
	Agent    Role = "service"  // customers: notes, consents, merges
	Analyst  Role = "analyst"  // reads, asks, imports nothing
	Viewer   Role = "viewer"   // sees what is configured and the numbers, no customers
)

// Roles are all roles, the mightiest first.
var Roles = [...]Role{Owner, Admin, Marketer, Agent, Analyst, Viewer}

// roleMay is the whole of who may do what.
var roleMay = map[Role][]Permission{
	Owner: {ReadPeople, WritePeople, MergePeople, ErasePeople, ReadSpecs, WriteSpecs, RunJourneys, AskDecide, SendEvents,
		ReadStats, ManageData, ManageKeys, ManageUsers, ReadAudit, Backup, ExportData},
	Admin: {ReadPeople, WritePeople, MergePeople, ErasePeople, ReadSpecs, WriteSpecs, RunJourneys, AskDecide, SendEvents,
		ReadStats, ManageData, ManageKeys, ManageUsers, ReadAudit, Backup, ExportData},
	Marketer: {ReadPeople, ReadSpecs, WriteSpecs, RunJourneys, AskDecide, ReadStats, ExportData},
	Agent:    {ReadPeople, WritePeople, MergePeople, ReadSpecs, AskDecide, ReadStats},
	Analyst:  {ReadPeople, ReadSpecs, AskDecide, ReadStats, ExportData},
	Viewer:   {ReadSpecs, ReadStats},
}

// ParseRole reads a role.
func ParseRole(s string) (Role, error) {
	if slices.Contains(Roles[:], Role(s)) {
		return Role(s), nil
	}
	return "", heed.FieldErrorf("role", "there is no role %q: take one of owner, admin, marketer, service, analyst, viewer", s)
}

// May says whether the role includes the permission.
func (r Role) May(p Permission) bool {
	return p == SignedIn || p == Anyone || slices.Contains(roleMay[r], p)
}

// Departments are the five that work on one memory.
var Departments = [...]string{"marketing", "service", "product", "sales", "billing"}

// checkScopes reads the scopes of an API key: roles (other than owner) and single permissions.
func checkScopes(scopes []string) ([]string, error) {
	if len(scopes) == 0 {
		return nil, heed.FieldErrorf("scopes", "an API key needs at least one scope: a role such as service, or permissions such as people:read")
	}
	out := make([]string, 0, len(scopes))
	for _, s := range scopes {
		s = strings.TrimSpace(s)
		_, isRole := roleMay[Role(s)]
		known := isRole && Role(s) != Owner || slices.Contains(roleMay[Owner], Permission(s))
		if !known {
			return nil, heed.FieldErrorf("scopes", "there is no scope %q: take a role (admin, marketer, service, analyst, viewer) or a permission (%s)", s, permissionList())
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

func permissionList() string {
	var out []string
	for _, p := range roleMay[Owner] {
		out = append(out, string(p))
	}
	return strings.Join(out, ", ")
}

// Ways in which somebody is known.
const (
	ByUser     = "user"      // signed in to the console
	ByAPIKey   = "api_key"   // a secret key
	ByWriteKey = "write_key" // a public key: events only
	BySystem   = "system"    // the program itself, or its command line
)

// Who is somebody whose credentials were checked.
type Who struct {
	Via        string // ByUser, ...
	ID         heed.ID
	Name       string // shown in the audit log and on what they make: e-mail address of a user, name of a key
	Called     string // what a user is called, if that is known
	Role       Role   // users only
	Department string // users only
	Scopes     []string
	Source     string // keys that are bound to a source
}

// May says whether they may do something.
func (w *Who) May(p Permission) bool {
	if p == Anyone {
		return true
	}
	if w == nil {
		return false
	}
	switch w.Via {
	case BySystem:
		return true
	case ByUser:
		return w.Role.May(p)
	case ByAPIKey:
		for _, s := range w.Scopes {
			if Permission(s) == p || Role(s) != Owner && Role(s).May(p) {
				return true
			}
		}
	case ByWriteKey:
		return p == SendEvents
	}
	return false
}

// Actor is who does something, and from where.
type Actor struct {
	Who
	Address string // of the client
	Request string // id of the request
}

// System is the program itself.
func System(name string) Actor { return Actor{Who: Who{Via: BySystem, Name: name}} }

// Permissions are all that an owner has: every permission there is besides Anyone and SignedIn.
func Permissions() []Permission { return slices.Clone(roleMay[Owner]) }
