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
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// The entries of a backup, a tar compressed with zstd, in their order: the manifest, the state store as it was at one
// moment, files that wait to be imported, the stream up to a later moment, and the sums of all of them.
const (
	backupFormat   = 1
	manifestEntry  = "manifest.json"
	stateEntry     = "state.db"
	importsEntry   = "imports/"
	streamEntry    = "stream/"
	sumsEntry      = "SHA256SUMS"
	backupChunk    = 4 << 20
	backupTempName = "backup-*.tmp"
)

var errTheirTools = heed.Errorf(heed.Invalid, "heed backup copies what Heed stores itself. With PostgreSQL or an external NATS, use their tools: first pg_dump, then `nats stream backup` of each stream HEED_*.")

// manifest says what a backup is.
type manifest struct {
	Format  int           `json:"format"`
	Version string        `json:"version"` // of the Heed that made it
	Made    heed.Time     `json:"made"`
	Parts   []stream.Part `json:"parts"`
}

// Backup writes everything to w while the app works: whatever was acknowledged before the call is in it. The state is
// copied before the stream, so that the stream holds everything that the state has folded and what comes after it:
// a restored Heed folds the rest. History is not in it; it is rebuilt from the stream.
func (a *App) Backup(ctx context.Context, w io.Writer) error {
	if err := (backups{a}).Ready(); err != nil {
		return err
	}
	copier, ok := a.Log.(stream.Snapshotter)
	if !ok {
		return heed.Errorf(heed.Invalid, "This stream cannot be copied while it runs.")
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	b := &backup{tar: tar.NewWriter(z), made: time.UnixMicro(int64(a.clock.Now()))}
	m := manifest{Format: backupFormat, Version: a.Version, Made: a.clock.Now(), Parts: stream.Parts(a.Log)}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := b.bytes(manifestEntry, text); err != nil {
		return err
	}
	if err := a.backupState(ctx, b); err != nil {
		return err
	}
	if err := b.folder(filepath.Join(a.Config.Data, "imports"), importsEntry); err != nil {
		return err
	}
	for _, p := range m.Parts {
		if err := b.stream(ctx, copier, p); err != nil {
			return err
		}
	}
	if err := b.bytes(sumsEntry, []byte(b.sums.String())); err != nil {
		return err
	}
	return errors.Join(b.tar.Close(), z.Close())
}

// backupState copies the state store to a file beside it, which is as much room as it takes, and from there to the backup.
func (a *App) backupState(ctx context.Context, b *backup) (err error) {
	dir, err := os.MkdirTemp(a.Config.Data, backupTempName)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, stateEntry)
	if err := db.Copy(ctx, a.DB, path); err != nil {
		return err
	}
	return b.file(stateEntry, path)
}

// backup writes entries and remembers their sums.
type backup struct {
	tar  *tar.Writer
	made time.Time
	sums strings.Builder
}

func (b *backup) entry(name string, size int64, from io.Reader) error {
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: b.made, Format: tar.FormatPAX}); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(b.tar, sum), from, size); err != nil {
		return fmt.Errorf("backup: %s: %w", name, err)
	}
	fmt.Fprintf(&b.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}

func (b *backup) bytes(name string, text []byte) error {
	return b.entry(name, int64(len(text)), strings.NewReader(string(text)))
}

func (b *backup) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return b.entry(name, info.Size(), f)
}

// folder adds the files below a folder. One that is gone by now is not needed any more: its import has ended.
func (b *backup) folder(dir, prefix string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			err = b.file(prefix+filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator))), path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// stream adds a log in pieces: its length is not known before its end.
func (b *backup) stream(ctx context.Context, from stream.Snapshotter, p stream.Part) error {
	pieces := &pieces{put: b.bytes, name: partName(p)}
	head, err := from.Snapshot(ctx, p, pieces)
	if err != nil {
		return err
	}
	if err := pieces.flush(); err != nil {
		return err
	}
	return b.bytes(partName(p)+".json", head)
}

func partName(p stream.Part) string { return fmt.Sprintf("%s%s-%d", streamEntry, p.Topic, p.Partition) }

// pieces cuts what is written to it into numbered entries.
type pieces struct {
	put  func(name string, text []byte) error
	name string
	n    int
	have []byte
}

func (p *pieces) Write(data []byte) (int, error) {
	p.have = append(p.have, data...)
	if len(p.have) >= backupChunk {
		return len(data), p.flush()
	}
	return len(data), nil
}

func (p *pieces) flush() error {
	if len(p.have) == 0 {
		return nil
	}
	p.n++
	err := p.put(fmt.Sprintf("%s.%06d", p.name, p.n), p.have)
	p.have = p.have[:0]
	return err
}

// sumsOf reads the entry with the sums.
func sumsOf(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		sum, name, ok := strings.Cut(strings.TrimRight(line, "\n"), "  ")
		if ok {
			out[name] = sum
		}
	}
	return out
}

// piecesOf are the files of one log in a folder, in their order.
func piecesOf(dir string, p stream.Part) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(partName(p))+".[0-9]*"))
	slices.Sort(files)
	return files, err
}
