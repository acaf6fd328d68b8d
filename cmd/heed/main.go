// Command heed is the whole of Heed: `heed help` lists what it does.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/heedcx/heed"
)

// version is set when the program is built.
var version = "dev"

type cli struct {
	Config kong.ConfigFlag `help:"Read settings from a YAML file: flag names without the dashes." env:"HEED_CONFIG" placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Run Heed."`
	Plan    planCmd    `cmd:"" help:"Show what applying files would change."`
	Apply   applyCmd   `cmd:"" help:"Apply files: segments, journeys, rules, templates, all or nothing."`
	Export  exportCmd  `cmd:"" help:"Write everything that is configured as files."`
	Test    testCmd    `cmd:"" help:"Test segments, journeys and rules with scripts on a virtual clock."`
	Replay  replayCmd  `cmd:"" help:"Rebuild history or memory from the stream."`
	Backup  backupCmd  `cmd:"" help:"Copy everything into one file, also while Heed runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup into an empty data folder."`
	Doctor  doctorCmd  `cmd:"" help:"Look at everything that Heed stands on and say what is wrong."`
	Migrate migrateCmd `cmd:"" help:"Bring the state store's schema up to date; every start does."`
	OpenAPI openapiCmd `cmd:"" name:"openapi" help:"Print the API's OpenAPI document."`
	Import  importCmd  `cmd:"" help:"Import a CSV or NDJSON file."`
	User    userCmd    `cmd:"" help:"The people who work here."`
	Key     keyCmd     `cmd:"" help:"Write keys and API keys."`
	Bench   benchCmd   `cmd:"" help:"Load this binary over HTTP and print what it holds."`
	Demo    demoCmd    `cmd:"" help:"Run Heed with a demo brand and simulated customers."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parser := newParser(len(os.Args) > 1)
	for _, s := range misspelled(parser.Model, os.Environ()) {
		fmt.Fprintln(os.Stderr, "heed: warning:", s)
	}
	k, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "heed:", err)
		if heed.CodeOf(err) == heed.Invalid {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// newParser knows all commands and flags. brief: a mistake is answered with a line of usage, not with every flag.
func newParser(brief bool) *kong.Kong {
	usage := kong.UsageOnError()
	if brief {
		usage = kong.ShortUsageOnError()
	}
	return kong.Must(&cli{}, kong.Name("heed"),
		kong.Description("One memory of every customer, and a brand that acts accordingly."),
		kong.Configuration(yamlFile), usage, kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println("heed", version)
	return nil
}
