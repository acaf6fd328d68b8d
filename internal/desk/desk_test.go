package desk_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/desk"
	"github.com/heedcx/heed/internal/testx"
)

func TestDesk(t *testing.T) {
	testx.Each(t, []string{desk.Queries}, func(t *testing.T, d db.DB) {
		ctx, s := context.Background(), desk.Store{DB: d}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		id := func(n byte) heed.ID { return heed.ID{n} }
		must(s.PutView(ctx, desk.View{ID: id(1), Page: "people", Name: "Lisbon", Query: "q=a", Owner: "ann", Made: 1}))
		must(s.PutView(ctx, desk.View{ID: id(2), Page: "people", Name: "Porto", Owner: "bob", Shared: true, Made: 2}))
		must(s.PutView(ctx, desk.View{ID: id(3), Page: "people", Name: "mine", Owner: "bob", Made: 3}))
		must(s.PutView(ctx, desk.View{ID: id(1), Page: "people", Name: "Lisboa", Query: "q=b", Owner: "ann", Made: 9}))
		if got, err := s.Views(ctx, "people", "ann"); err != nil || len(got) != 2 || got[0].Name != "Lisboa" || got[0].Query != "q=b" || got[0].Made != 1 || !got[1].Shared {
			t.Errorf("%+v %v", got, err)
		}
		if got, err := s.Views(ctx, "ledger", "ann"); err != nil || len(got) != 0 {
			t.Errorf("%+v %v", got, err)
		}
		must(s.DeleteView(ctx, id(3)))
		if _, err := s.View(ctx, id(3)); heed.CodeOf(err) != heed.NotFound {
			t.Error(err)
		}

		must(s.PutExport(ctx, desk.Export{ID: id(1), Process: "here", By: "ann", What: "people", Format: "csv", Asked: heed.RawJSON(`{"rule":"x"}`), Made: 5}))
		must(s.PutExport(ctx, desk.Export{ID: id(2), Process: "there", By: "bob", What: "ledger", Format: "ndjson", Asked: heed.RawJSON(`{}`), Made: 6}))
		e, found, err := s.NextExport(ctx, "here")
		if err != nil || !found || e.ID != id(1) || string(e.Asked) != `{"rule":"x"}` || e.State != desk.Waiting {
			t.Errorf("%+v %v %v", e, found, err)
		}
		must(s.Progress(ctx, id(1), 10, 20, 300, 7))
		if moved, err := s.MoveExport(ctx, id(1), desk.Done, "", 8); err != nil || !moved {
			t.Error(moved, err)
		}
		if moved, err := s.MoveExport(ctx, id(1), desk.Canceled, "", 9); err != nil || moved {
			t.Error("what has ended was moved again", err)
		}
		if e, err = s.Export(ctx, id(1)); err != nil || e.Done != 10 || e.Total != 20 || e.Bytes != 300 || e.State != desk.Done {
			t.Errorf("%+v %v", e, err)
		}
		if _, found, err = s.NextExport(ctx, "here"); err != nil || found {
			t.Error("an ended export is next", err)
		}
		if all, err := s.Exports(ctx, "", 10); err != nil || len(all) != 2 || all[0].ID != id(2) {
			t.Errorf("%+v %v", all, err)
		}
		if old, err := s.OldExports(ctx, "here", 100); err != nil || len(old) != 1 {
			t.Errorf("%+v %v", old, err)
		}
		must(s.DeleteExport(ctx, id(1)))

		must(s.PutLetter(ctx, "17-3", "discarded", "ann", 1))
		must(s.PutLetter(ctx, "17-3", "retried", "bob", 2))
		must(s.PutLetter(ctx, "18", "discarded", "ann", 1))
		must(s.PutLetter(ctx, "19", "fixed", "ann", 1))
		must(s.RestoreLetters(ctx, []string{"18", "19", "20"}))
		if how, err := s.Letters(ctx, []string{"18", "19"}); err != nil || how[0] != "" || how[1] != "fixed" {
			t.Errorf("back on the list is what was discarded, not what was dealt with: %q, %v", how, err)
		}
		if how, err := s.Letters(ctx, []string{"17", "17-3"}); err != nil || how[0] != "" || how[1] != "discarded" {
			t.Errorf("%v %v", how, err)
		}
	})
}
