package channel_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

func TestSecretIsMadeOnce(t *testing.T) {
	testx.Each(t, []string{channel.Queries}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		a, err := channel.Secret(ctx, d, "links", 7)
		if err != nil || len(a) != 32 {
			t.Fatalf("got %d bytes, %v", len(a), err)
		}
		b, err := channel.Secret(ctx, d, "links", 8)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("another secret the second time: %v", err)
		}
		c, err := channel.Secret(ctx, d, "other", 8)
		if err != nil || bytes.Equal(a, c) {
			t.Errorf("the same secret for another name: %v", err)
		}
	})
}

func TestCatalogFollowsChanges(t *testing.T) {
	testx.Each(t, []string{channel.Queries}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		put := func(kind, name, body string, deleted bool) {
			t.Helper()
			err := d.Write(ctx, func(tx db.Tx) error {
				_, err := spec.Put(ctx, tx, spec.Spec{Kind: kind, Name: name, Body: heed.RawJSON(body), Deleted: deleted})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		c := &channel.Catalog{DB: d}
		s, err := c.Get(ctx)
		if err != nil || s.Brand.Name != "" || len(s.Templates) != 0 {
			t.Fatalf("empty: %+v, %v", s, err)
		}
		put(spec.Brand, "lumen", `{"title":"Lumen","sender":{"email":"a@x.example"},"moments":{}}`, false)
		put(spec.Purpose, "news", `{"class":"marketing","consent":"opt_in","selling":true}`, false)
		put(spec.Template, "hi", `{"channel":"email"}`, false)
		put(spec.Template, "gone", `{"channel":"email"}`, false)
		put(spec.Template, "gone", ``, true)
		s, err = c.Get(ctx)
		if err != nil || s.Brand.Title != "Lumen" || s.Brand.Sender.Email != "a@x.example" || s.Purposes["news"].Title != "news" || len(s.Templates) != 1 {
			t.Fatalf("got %+v, %v", s, err)
		}
		if again, err := c.Get(ctx); err != nil || again != s {
			t.Errorf("read anew without a change: %v", err)
		}
		put(spec.Template, "hi", `{"channel":"sms"}`, false)
		if s, err = c.Get(ctx); err != nil || s.Templates["hi"].Version != 2 {
			t.Errorf("got %+v, %v", s.Templates["hi"], err)
		}
	})
}
