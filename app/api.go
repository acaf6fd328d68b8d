package app

import (
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/account"
)

// api builds the JSON API from what this process has: an operation whose part is missing answers 503.
func (a *App) api() (_ http.Handler, err error) {
	d := api.Deps{
		DB: a.DB, Clock: a.clock, Log: a.log, Accounts: a.Accounts, Checks: Checks(), PublicURL: a.Config.PublicURL, Version: a.Version,
		People: people{a.reading, a.clock, a.standing}, Decisions: told{a.ledger}, Messages: told{a.ledger}, Decider: told{a.ledger}, Commands: a,
		Broadcasts: broadcasts{a}, Templates: a.openTemplates(),
		Briefs: briefs{a}, Segments: segments{a}, Audience: vocabulary{a}, Journeys: journeys{a}, Studio: a.openStudio(), Reviews: reviews{a.DB, a.clock}, Overview: a.openOverview(), Imports: a.openImports(), MaxImport: a.Config.ImportMB << 20,
		DeadLetters: a.letters(), Live: a.live, Changes: a.changes, DataDeps: a.dataDeps(),
	}
	if d.TrustedProxies, err = a.Config.proxies(); err != nil {
		return nil, err
	}
	if a.history != nil {
		d.Interactions, d.Insight = timeline{a.reading, a.history.store}, questions{a.history.store, a.catalogue}
	}
	if a.sending.mailbox != nil {
		d.Mailbox = mails{a.sending.mailbox}
	}
	if a.collector != nil {
		d.Events = a.collector.EventsHandler(a.eventSource)
	}
	if d.AdminDeps, err = a.adminDeps(); err != nil {
		return nil, err
	}
	return api.New(d), nil
}

// eventSource says whose events come in over POST /api/v1/events: the source that the key is bound to, else "api". A
// write key is as public here as at the SDKs' doors.
func (a *App) eventSource(r *http.Request) (collect.Source, error) {
	who := api.WhoFrom(r.Context())
	if who == nil {
		return collect.Source{}, heed.Errorf(heed.Unauthorized, "Send an API key as Authorization: Bearer KEY.")
	}
	s := a.sources.named(who.Source)
	if s.Name == "" {
		s.Name = "api"
	}
	s.Public = who.Via == account.ByWriteKey
	return s, nil
}
