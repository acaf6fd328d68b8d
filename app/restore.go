package app

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

var errBackup = "%s is not a whole backup (%v): take another one."

// Restored is what a restore has put in place.
type Restored struct {
	Made    heed.Time // when the backup was begun
	Version string    // of the Heed that made it
}

// Restore puts a backup into the empty data folder of the configuration. Nothing is left there when it fails. The next
// start folds what the stream holds beyond the state, and rebuilds history.
func Restore(ctx context.Context, cfg Config, from string, log *slog.Logger) (out Restored, err error) {
	if cfg.DatabaseURL != "sqlite:"+filepath.Join(cfg.Data, "state.db") || cfg.NATSURL != "" {
		return out, heed.Errorf(heed.Invalid, "A backup is restored into a data folder of its own: leave --database-url and --nats-url away.")
	}
	if list, err := os.ReadDir(cfg.Data); err == nil && len(list) > 0 {
		return out, heed.Errorf(heed.Conflict, "%s is not empty: restore into a new folder.", cfg.Data)
	}
	lock, err := lockData(cfg.Data)
	if err != nil {
		return out, err
	}
	dir := filepath.Join(cfg.Data, "restoring")
	defer func() {
		err = errors.Join(err, os.RemoveAll(dir))
		if err != nil {
			for _, name := range []string{"state.db", "imports", "stream"} {
				err = errors.Join(err, os.RemoveAll(filepath.Join(cfg.Data, name)))
			}
		}
		err = errors.Join(err, os.Remove(filepath.Join(cfg.Data, "lock")), lock.Close())
	}()
	m, err := unpack(from, dir)
	if err != nil {
		return out, err
	}
	if err := restoreStream(ctx, filepath.Join(cfg.Data, "stream"), dir, m.Parts, log); err != nil {
		return out, err
	}
	if err := os.Rename(filepath.Join(dir, importsEntry), filepath.Join(cfg.Data, "imports")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return out, err
	}
	// The state last: without it nothing starts on half a restore.
	if err := os.Rename(filepath.Join(dir, stateEntry), filepath.Join(cfg.Data, "state.db")); err != nil {
		return out, err
	}
	return Restored{m.Made, m.Version}, nil
}

// CheckBackup reads a backup from its beginning to its end and compares the sums.
func CheckBackup(from string) error {
	_, err := unpack(from, "")
	return err
}

// unpack writes the entries of a backup into dir ("": nowhere) and checks their sums.
func unpack(from, dir string) (m manifest, err error) {
	f, err := os.Open(from)
	if err != nil {
		return m, heed.FieldErrorf("file", "%v", err)
	}
	defer func() { _ = f.Close() }()
	z, err := zstd.NewReader(f)
	if err != nil {
		return m, err
	}
	defer z.Close()
	sums, want := map[string]string{}, map[string]string(nil)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, heed.Errorf(heed.Invalid, errBackup, from, err)
		}
		if !filepath.IsLocal(h.Name) || h.Typeflag != tar.TypeReg {
			return m, heed.Errorf(heed.Invalid, errBackup, from, "an entry is no file: "+h.Name)
		}
		var text strings.Builder
		to := io.Discard
		if h.Name == manifestEntry || h.Name == sumsEntry {
			to = &text
		}
		if sums[h.Name], err = take(r, dir, h.Name, to); err != nil {
			return m, heed.Errorf(heed.Invalid, errBackup, from, err)
		}
		switch h.Name {
		case manifestEntry:
			if err := json.Unmarshal([]byte(text.String()), &m); err != nil {
				return m, heed.Errorf(heed.Invalid, errBackup, from, err)
			}
			if m.Format != backupFormat {
				return m, heed.Errorf(heed.Invalid, "This backup has format %d; this Heed reads format %d. Restore it with Heed %s.", m.Format, backupFormat, m.Version)
			}
		case sumsEntry:
			want = sumsOf(text.String())
		}
	}
	if want == nil {
		return m, heed.Errorf(heed.Invalid, errBackup, from, "its end is missing")
	}
	for name, sum := range want {
		if sums[name] != sum {
			return m, heed.Errorf(heed.Invalid, errBackup, from, name+" is damaged")
		}
	}
	return m, nil
}

// take reads one entry into its file and into to, and returns its sum.
func take(r io.Reader, dir, name string, to io.Writer) (string, error) {
	sum := sha256.New()
	out := io.MultiWriter(sum, to)
	if dir == "" {
		_, err := io.Copy(out, r)
		return hex.EncodeToString(sum.Sum(nil)), err
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.MultiWriter(out, f), r)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Sync(), f.Close())
}

func restoreStream(ctx context.Context, to, dir string, parts []stream.Part, log *slog.Logger) error {
	i := 0
	var open []*os.File
	shut := func() {
		for _, f := range open {
			_ = f.Close()
		}
		open = nil
	}
	defer shut()
	return stream.Restore(ctx, to, log, func() (stream.Snapshot, error) {
		shut()
		if i == len(parts) {
			return stream.Snapshot{}, io.EOF
		}
		p := parts[i]
		i++
		head, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(partName(p))+".json"))
		if err != nil {
			return stream.Snapshot{}, fmt.Errorf("the stream's %s is not in the backup: %w", p.Topic, err)
		}
		names, err := piecesOf(dir, p)
		if err != nil {
			return stream.Snapshot{}, err
		}
		readers := make([]io.Reader, len(names))
		for n, name := range names {
			f, err := os.Open(name)
			if err != nil {
				return stream.Snapshot{}, err
			}
			open = append(open, f)
			readers[n] = f
		}
		return stream.Snapshot{Part: p, Head: head, Data: io.MultiReader(readers...)}, nil
	})
}
