package duckdb

import (
	"errors"
	"fmt"

	driver "github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/heedcx/heed"
)

// openFile opens the database below database/sql, because the driver keeps the handles that chunks need to itself. It
// is the same database as the driver's, through the driver's instance cache.
func openFile(path string, options map[string]string) (mapping.Database, error) {
	var config mapping.Config
	var file mapping.Database
	if mapping.CreateConfig(&config) == mapping.StateError {
		return file, errors.New("insight/duckdb: no configuration")
	}
	defer mapping.DestroyConfig(&config)
	for k, v := range options {
		if mapping.SetConfig(config, k, v) == mapping.StateError {
			return file, heed.Errorf(heed.Invalid, "history: DuckDB does not take the option %s=%s", k, v)
		}
	}
	var msg string
	if mapping.GetOrCreateFromCache(driver.GetInstanceCache(), path, &file, config, &msg) == mapping.StateError {
		mapping.Close(&file)
		return file, &heed.Error{Code: heed.Unavailable, Message: "The history file could not be opened. Another process may have it open: only one can.",
			Cause: fmt.Errorf("insight/duckdb: open %s: %s", path, msg)}
	}
	return file, nil
}

// raw is a connection of it.
type raw struct {
	conn mapping.Connection
}

func connect(file mapping.Database) (*raw, error) {
	r := &raw{}
	if mapping.Connect(file, &r.conn) == mapping.StateError {
		return nil, errors.New("insight/duckdb: no connection")
	}
	return r, nil
}

func (r *raw) exec(sql string) error {
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if mapping.Query(r.conn, sql, &res) == mapping.StateError {
		return fmt.Errorf("insight/duckdb: %.60s: %s", sql, mapping.ResultError(&res))
	}
	return nil
}

// count runs a query whose answer is one number.
func (r *raw) count(sql string) (int64, error) {
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if mapping.Query(r.conn, sql, &res) == mapping.StateError {
		return 0, fmt.Errorf("insight/duckdb: %.60s: %s", sql, mapping.ResultError(&res))
	}
	//lint:ignore SA1019 one number of one row: the chunk API would be thirty lines
	return mapping.ValueInt64(&res, 0, 0), nil
}

func (r *raw) close() { mapping.Disconnect(&r.conn) }

// appender appends chunks to one table on a raw connection.
type appender struct {
	columns []column
	handle  mapping.Appender
	chunk   *chunk
	rows    int // handed over since the last flush
}

// flushRows bounds what waits in the appender's own memory, which DuckDB's memory limit does not know of.
const flushRows = 16 * vectorSize

func (r *raw) appender(catalog, table string, columns []column) (*appender, error) {
	a := &appender{columns: columns}
	if mapping.AppenderCreateExt(r.conn, catalog, "main", table, &a.handle) == mapping.StateError {
		err := fmt.Errorf("insight/duckdb: append to %s: %s", table, mapping.AppenderError(a.handle))
		mapping.AppenderDestroy(&a.handle)
		return nil, err
	}
	var err error
	if a.chunk, err = newChunk(columns); err != nil {
		mapping.AppenderDestroy(&a.handle)
		return nil, err
	}
	return a, nil
}

// next ends a row.
func (a *appender) next() error {
	a.chunk.row++
	if a.chunk.full() {
		return a.push()
	}
	return nil
}

// push hands the chunk over.
func (a *appender) push() error {
	c := a.chunk
	if c.row == 0 {
		return nil
	}
	mapping.DataChunkSetSize(c.data, mapping.IdxT(c.row))
	state := mapping.AppendDataChunk(a.handle, c.data)
	a.rows += c.row
	c.reset(a.columns)
	if state == mapping.StateError {
		return a.failed()
	}
	if a.rows >= flushRows {
		return a.flush()
	}
	return nil
}

// flush moves everything into the connection's transaction.
func (a *appender) flush() error {
	if a.chunk.row > 0 {
		a.rows = 0 // so that push does not come back here
		if err := a.push(); err != nil {
			return err
		}
	}
	a.rows = 0
	if mapping.AppenderFlush(a.handle) == mapping.StateError {
		return a.failed()
	}
	return nil
}

// discard forgets what was not flushed.
func (a *appender) discard() {
	mapping.AppenderClear(a.handle)
	a.chunk.reset(a.columns)
	a.rows = 0
}

func (a *appender) failed() error {
	return fmt.Errorf("insight/duckdb: append: %s", mapping.AppenderError(a.handle))
}

func (a *appender) close() {
	a.discard()
	a.chunk.close()
	mapping.AppenderDestroy(&a.handle)
}
