package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
)

func TestClient(t *testing.T) {
	b := one(t, checks)
	srv := httptest.NewServer(b.handler)
	defer srv.Close()
	ctx := t.Context()
	c := &api.Client{URL: srv.URL + "/", Key: b.key}
	files := api.Files{Files: map[string]string{"a.yaml": "kind: segment\nname: regulars\nrule: x\n"}}
	plan, err := c.Plan(ctx, files)
	if err != nil || plan.Summary != "1 to create, 0 to change, 0 to delete, 0 unchanged" {
		t.Fatalf("%+v, %v", plan, err)
	}
	if _, err := c.Apply(ctx, files, plan.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Apply(ctx, files, plan.Token); heed.CodeOf(err) != heed.Conflict {
		t.Errorf("a second time: %v", err)
	}
	if out, err := c.Export(ctx); err != nil || out["segment.yaml"] != "kind: segment\nname: regulars\nrule: x\n" {
		t.Errorf("%v, %v", out, err)
	}
	files.Files["b.yaml"] = "kind: segment\nname: b\n---\nkind: segment\nname: c\n"
	_, err = c.Plan(ctx, files)
	if heed.CodeOf(err) != heed.Invalid || !strings.Contains(err.Error(), "b.yaml:1:1: segment b: rule: ") || !strings.Contains(err.Error(), "\nb.yaml:4:1: segment c: ") {
		t.Errorf("got %v", err)
	}
	c.Key = "wrong"
	if _, err := c.Export(ctx); heed.CodeOf(err) != heed.Unauthorized {
		t.Errorf("got %v", err)
	}
	srv.Close()
	if _, err := c.Export(ctx); heed.CodeOf(err) != heed.Unavailable {
		t.Errorf("got %v", err)
	}
}
