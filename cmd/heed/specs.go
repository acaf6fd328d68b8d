package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

type specFiles struct {
	remote `embed:""`
	Files  []string `arg:"" help:"YAML files, or folders of them." type:"path"`
	Prune  bool     `help:"Delete what is configured and not in the files."`
}

// planned is the API's answer to plan and apply.
type planned struct {
	Changes []struct {
		Action, Kind, Name string
		Diff               []string
	}
	Summary, Token string
}

func (p planned) print() {
	signs := map[string]string{"create": "+", "update": "~", "delete": "-"}
	for _, c := range p.Changes {
		if sign := signs[c.Action]; sign != "" {
			fmt.Printf("%s %s %s\n", sign, c.Kind, c.Name)
			for _, line := range c.Diff {
				fmt.Println("    " + line)
			}
		}
	}
	fmt.Println(p.Summary)
}

func (s *specFiles) send(ctx context.Context, what, query string) (planned, error) {
	var p planned
	files, err := readSpecs(s.Files)
	if err != nil {
		return p, err
	}
	err = s.call(ctx, http.MethodPost, "/api/v1/specs/"+what+query, map[string]any{"files": files, "prune": s.Prune}, &p)
	return p, err
}

type planCmd struct {
	specFiles `embed:""`
}

// Run shows what apply would change.
func (c *planCmd) Run(ctx context.Context) error {
	p, err := c.send(ctx, "plan", "")
	if err != nil {
		return err
	}
	p.print()
	if p.Token != "" {
		fmt.Println("`heed apply --token " + p.Token + "` does just this, or nothing.")
	}
	return nil
}

type applyCmd struct {
	specFiles `embed:""`
	Token     string `help:"Do what the plan with this token showed, or nothing." placeholder:"TOKEN"`
}

// Run applies the files, all or nothing.
func (c *applyCmd) Run(ctx context.Context) error {
	query := ""
	if c.Token != "" {
		query = "?token=" + url.QueryEscape(c.Token)
	}
	p, err := c.send(ctx, "apply", query)
	if err != nil {
		return err
	}
	p.print()
	return nil
}

type exportCmd struct {
	remote `embed:""`
	Dir    string `arg:"" help:"Folder to write the files to." type:"path"`
}

// Run writes everything that is configured as YAML files.
func (c *exportCmd) Run(ctx context.Context) error {
	var out struct{ Files map[string]string }
	if err := c.call(ctx, http.MethodGet, "/api/v1/specs/export", nil, &out); err != nil {
		return err
	}
	for name, text := range out.Files {
		path := filepath.Join(c.Dir, filepath.FromSlash(filepath.Clean("/"+name)))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d files written to %s\n", len(out.Files), c.Dir)
	return nil
}
