package api

import "github.com/heedcx/heed"

// NewBrief fills in of a brief what the person's memory says by itself. Whoever answers Briefs adds what it takes more
// than the memory to know: the headline, what to do and to avoid, reach, RFM.
func NewBrief(p *heed.Person, ids []heed.Identifier) Brief {
	v := personView(p, ids)
	return Brief{
		ID: v.ID, Name: v.Name, Stage: v.Stage, StageSince: v.StageSince, FirstSeen: v.FirstSeen, LastSeen: v.LastSeen,
		Identifiers: v.Identifiers, Zone: v.Preferences.Zone, Locale: v.Preferences.Locale, Orders: v.Orders,
		Segments: v.Segments, Journeys: v.Journeys, Interactions: v.Recent, Cases: v.Cases, Promises: v.Promises,
		Moments: v.Moments, Held: v.Held,
	}
}
