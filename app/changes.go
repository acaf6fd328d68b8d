package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/changes"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// kindsByOwner is what the statements of a folder change, unless kindsByStatement says otherwise.
var kindsByOwner = map[string][]string{
	"audit":     {api.ChangedAudit},
	"broadcast": {api.ChangedBroadcasts},
	"collect":   {api.ChangedImports},
	"journey":   {api.ChangedJourneys},
	"profile":   {api.ChangedPeople},
	"segment":   {api.ChangedSegments},
	"spec":      {api.ChangedSpecs},
}

// kindsByStatement are the statements that change something else than their folder's others, or nothing that is shown.
var kindsByStatement = map[string][]string{
	"account.delete_user": {api.ChangedUsers},
	"account.put_invite":  {api.ChangedUsers},
	"account.put_user":    {api.ChangedUsers},
	"account.touch_login": {api.ChangedUsers},
	"account.put_key":     {api.ChangedKeys},
	"account.revoke_key":  {api.ChangedKeys},
	"account.touch_key":   {api.ChangedKeys},

	"desk.delete_export":  {api.ChangedExports},
	"desk.move_export":    {api.ChangedExports},
	"desk.progress":       {api.ChangedExports},
	"desk.put_export":     {api.ChangedExports},
	"desk.put_letter":     {api.ChangedLetters},
	"desk.restore_letter": {api.ChangedLetters},
	"desk.delete_view":    {api.ChangedViews},
	"desk.put_view":       {api.ChangedViews},

	"identity.close_review":   {api.ChangedReviews},
	"identity.delete_reviews": {api.ChangedReviews},
	"identity.drop_review":    {api.ChangedReviews},
	"identity.put_review":     {api.ChangedReviews},

	"journey.beat_rehearsal":  {api.ChangedRehearsals},
	"journey.end_rehearsal":   {api.ChangedRehearsals},
	"journey.put_rehearsal":   {api.ChangedRehearsals},
	"journey.trim_rehearsals": nil,

	"ledger.put_decision":    {api.ChangedDecisions},
	"ledger.put_tally":       {api.ChangedDecisions},
	"ledger.erase_decisions": {api.ChangedDecisions},
	"ledger.move_decisions":  {api.ChangedDecisions},
	"ledger.erase_messages":  {api.ChangedMessages},
	"ledger.feedback":        {api.ChangedMessages},
	"ledger.give_back":       {api.ChangedMessages},
	"ledger.move_messages":   {api.ChangedMessages},
	"ledger.put_message":     {api.ChangedMessages},
	"ledger.put_try":         {api.ChangedMessages},
	"ledger.record":          {api.ChangedMessages},
	"ledger.recover":         {api.ChangedMessages},
	"ledger.refuse":          {api.ChangedMessages},
	"ledger.requeue":         {api.ChangedMessages},
	"ledger.resend":          {api.ChangedMessages},
	"ledger.set_message":     {api.ChangedMessages},
	"ledger.take":            {api.ChangedMessages},

	"profile.put_block":     {api.ChangedPeople, api.ChangedSuppressions},
	"profile.delete_blocks": {api.ChangedPeople, api.ChangedSuppressions},

	"segment.tick": nil,
}

// kindsOf says which kinds of things a statement changes.
func kindsOf(statement string) []string {
	if kinds, known := kindsByStatement[statement]; known {
		return kinds
	}
	owner, _, _ := strings.Cut(statement, ".")
	return kindsByOwner[owner]
}

// newChanges makes the hub before there is a store: the store tells it what it changes.
func (a *App) newChanges() *changes.Hub {
	host, _ := os.Hostname()
	return changes.New(changes.Options{
		Kinds: kindsOf, Clock: a.clock, Log: a.log, Process: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), heed.NewID(a.clock.Now())),
		Late: api.ChangedHistory, Revs: profile.Revs,
	})
}

// openChanges looks where the store cannot tell: history, the mailbox, dead letters, how the parts are.
func (a *App) openChanges(context.Context) error {
	asks := []changes.Ask{
		{Kind: api.ChangedLetters, Ask: func(ctx context.Context) (uint64, error) { return a.Log.Last(ctx, stream.Dead, 0) }},
		{Kind: api.ChangedHealth, Ask: a.healthMark()},
	}
	if a.Config.Has("api") {
		a.standing = a.openStanding()
		asks = append(asks, changes.Ask{Kind: api.ChangedHealth, Ask: a.standing.due}, changes.Ask{Kind: api.ChangedJourneys, Ask: a.standing.due})
	}
	if a.history != nil {
		asks = append(asks, changes.Ask{Kind: api.ChangedHistory, Tell: true, Ask: func(context.Context) (uint64, error) { return uint64(a.historyMark()), nil }})
		if a.Config.Has("api") {
			a.lately, a.catalogue, a.trends, a.moved, a.passages = a.openLately(), a.openCatalogue(), a.openTrends(), a.openMoved(), a.openPassages()
			asks = append(asks, changes.Ask{Kind: api.ChangedHealth, Ask: a.lately.due}, // only home shows it
				changes.Ask{Kind: api.ChangedHistory, Ask: a.catalogue.due}, changes.Ask{Kind: api.ChangedHistory, Ask: a.trends.due},
				changes.Ask{Kind: api.ChangedSegments, Ask: a.moved.due}, changes.Ask{Kind: api.ChangedJourneys, Ask: a.passages.due})
		}
	}
	if box := a.sending.mailbox; box != nil {
		asks = append(asks, changes.Ask{Kind: api.ChangedMailbox, Ask: func(context.Context) (uint64, error) {
			if newest := box.List("", 0, 1); len(newest) > 0 {
				return newest[0].ID, nil
			}
			return 0, nil
		}})
	}
	a.changes.Open(a.DB, a.DB.Dialect() == db.Postgres, asks...) // a SQLite file is one process's
	a.parts.Go("changes", a.changes.Run)
	return nil
}

// healthEvery is after how many questions the parts are asked how they are: that asks other machines.
const healthEvery = 5

// healthMark is another number when a part has become well or unwell, or unwell for another reason.
func (a *App) healthMark() func(context.Context) (uint64, error) {
	asked, mark := 0, uint64(0)
	return func(ctx context.Context) (uint64, error) {
		if asked++; asked%healthEvery != 1 {
			return mark, nil
		}
		sum := fnv.New64a()
		for _, c := range a.health.checks(ctx) {
			_, _ = fmt.Fprint(sum, c.Name, c.OK)
			if !c.OK {
				_, _ = fmt.Fprint(sum, c.Detail)
			}
		}
		mark = sum.Sum64()
		return mark, nil
	}
}
