package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/email/bounce"
)

// maildirEvery is how often a maildir is looked into.
const maildirEvery = 5 * time.Second

// bounces reads what mail servers report back about our mails.
func (a *App) bounces() *bounce.Intake {
	return &bounce.Intake{Keys: a.sending.keys, Messages: told{a.ledger}, Sink: a.Writer, Clock: a.clock, Log: a.log}
}

// openMaildir follows the maildir into which a mail server drops reports, if one is configured.
func (a *App) openMaildir() error {
	dir := a.Config.BounceMaildir
	if dir == "" {
		return nil
	}
	for _, sub := range []string{"new", "cur"} {
		if info, err := os.Stat(filepath.Join(dir, sub)); err != nil || !info.IsDir() {
			return heed.FieldErrorf("bounce-maildir", "%s is not a maildir: it needs the folders new and cur, which Heed may write to", dir)
		}
	}
	in := a.bounces()
	a.parts.Go("bounces", func(ctx context.Context) {
		if err := in.Maildir(ctx, dir, maildirEvery); err != nil && ctx.Err() == nil {
			a.log.Error("reports of mail servers are not read any more", "maildir", dir, "error", err)
		}
	})
	return nil
}
