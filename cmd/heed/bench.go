package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/heedcx/heed/test/load"
)

type benchCmd struct {
	Only        []string      `help:"Steps to run: collect, path, waiting, mails, import, long. Default: all."`
	Dir         string        `help:"Folder on the disk to measure." type:"existingdir"`
	Seconds     time.Duration `help:"How long each sustained step lasts." default:"60s"`
	People      int           `help:"People in the sessions." default:"100000"`
	Million     int           `help:"People who wait in a journey." default:"1000000"`
	Mails       int           `help:"Messages that fall due together." default:"200000"`
	Long        int           `help:"Stored events at which to compare the cost of an event with that at a twentieth."`
	Keep        bool          `help:"Leave the data folders, to look at them with heed serve."`
	Import      string        `help:"A file to import." type:"existingfile"`
	Map         string        `help:"Its mapping." type:"existingfile"`
	DatabaseURL string        `help:"State engine to measure (an empty database)." placeholder:"URL"`
	NATSURL     string        `name:"nats-url" help:"Stream to measure." placeholder:"URL"`
	HistoryURL  string        `help:"History to measure (an empty database)." placeholder:"URL"`
	FsyncDelay  time.Duration `help:"Adds a delay to each flush of the stream and of SQLite: 3ms makes a cloud disk of a fast one."`
}

// Run starts this very binary, loads it over HTTP and prints what it holds.
func (c *benchCmd) Run(ctx context.Context) error {
	bin, err := os.Executable()
	if err != nil {
		return err
	}
	b := &load.Bench{
		Bin: bin, Dir: c.Dir, Out: os.Stdout, Sustain: c.Seconds, People: c.People, Million: c.Million, Mails: c.Mails, Long: c.Long,
		Import: c.Import, Mapping: c.Map, Only: c.Only, Keep: c.Keep,
	}
	if b.Dir == "" {
		b.Dir = "."
	}
	for name, value := range map[string]string{"HEED_DATABASE_URL": c.DatabaseURL, "HEED_NATS_URL": c.NATSURL, "HEED_HISTORY_URL": c.HistoryURL} {
		if value != "" {
			b.Env = append(b.Env, name+"="+value)
		}
	}
	if c.FsyncDelay > 0 {
		b.Env = append(b.Env, "HEED_FSYNC_DELAY="+c.FsyncDelay.String())
	}
	if len(b.Only) == 1 {
		b.Only = strings.Split(b.Only[0], ",")
	}
	return b.Run(ctx)
}
