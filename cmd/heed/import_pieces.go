package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect/importer"
)

// A piece that does not arrive is offered again, from where the server stands. A server that takes nothing for this many
// tries in a row is given up.
const (
	pieceBytes = 8 << 20
	pieceAgain = time.Second
	pieceTries = 60
)

// handOver brings the file to the server, piece by piece.
func (c *importCmd) handOver(ctx context.Context, progress func(importer.Progress)) (one api.Import, err error) {
	mapping, err := os.ReadFile(c.Map)
	if err != nil {
		return one, err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return one, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return one, err
	}
	begin := api.NewUpload{File: filepath.Base(c.File), Size: info.Size(), Mapping: string(mapping), Modified: api.Time(info.ModTime().UnixMicro())}
	if err := c.call(ctx, http.MethodPost, "/api/v1/imports/uploads", begin, &one); err != nil {
		return one, err
	}
	if err := c.pieces(ctx, &one, file, progress); err != nil {
		give, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		_ = c.call(give, http.MethodPost, "/api/v1/imports/"+one.ID+"/cancel", nil, nil) // the server throws it away by itself too, later
		return one, err
	}
	return one, nil
}

func (c *importCmd) pieces(ctx context.Context, one *api.Import, file io.ReaderAt, progress func(importer.Progress)) error {
	for tries := 0; one.State == "uploading"; {
		progress(importer.Progress{Bytes: one.Bytes, Size: one.Total})
		at := one.Bytes
		err := c.piece(ctx, one, io.NewSectionReader(file, at, min(pieceBytes, one.Total-at)))
		if err == nil {
			tries = 0
			continue
		}
		// A conflict: the server is further than we know, or still reads what the broken connection brought.
		if code := heed.CodeOf(err); code != heed.Unavailable && code != heed.TooMany && code != heed.Conflict || tries == pieceTries {
			return err
		}
		tries++
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pieceAgain):
		}
		if c.call(ctx, http.MethodGet, "/api/v1/imports/"+one.ID, nil, one) == nil && one.Bytes > at {
			tries = 0
		}
	}
	return nil
}

// piece sends the next bytes of the file. one says afterwards how far the server is, where it has answered.
func (c *importCmd) piece(ctx context.Context, one *api.Import, bytes io.Reader) error {
	at := one.Bytes
	res, err := c.request(ctx, http.MethodPatch, "/api/v1/imports/"+one.ID+"/file", bytes,
		"Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.FormatInt(at, 10))
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	return json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(one)
}
