package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// Trouble says whether err is the store's trouble (full, down, read-only, shutting down, too busy) and not the fault of
// what was to be stored: the same transaction may succeed once somebody has seen to the store.
func Trouble(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code[:min(2, len(e.Code))] {
		case "22", "23", "54": // data, integrity, limits of the program
			return false
		}
		// Not what comes after a failure that somebody has overlooked. A statement that the schema does not bear (42) is
		// the same for everybody: no event is to blame for it.
		return e.Code != "25P02"
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		switch e.Code {
		case sqlite3.ErrError, sqlite3.ErrConstraint, sqlite3.ErrMismatch, sqlite3.ErrTooBig, sqlite3.ErrRange, sqlite3.ErrMisuse:
			return false
		}
		return true
	}
	for _, one := range []error{ErrAgain, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, sql.ErrConnDone, driver.ErrBadConn, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, one) {
			return true
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	return pgconn.SafeToRetry(err)
}

// Taken says whether err means that another transaction has stored something under the same key.
func Taken(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505"
}

// Absent says whether err means that the store is not there yet, or not any more: it may come by itself. What somebody has
// to put right first, such as a wrong password, is not that.
func Absent(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code[:min(2, len(e.Code))] {
		case "08", "53", "55", "57": // connection, resources (also: too many connections), locks, starting or stopping
			return true
		}
		return false
	}
	for _, one := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, context.DeadlineExceeded} {
		if errors.Is(err, one) {
			return true
		}
	}
	_, ok := errors.AsType[net.Error](err)
	return ok
}

// Slow says whether err ended a transaction because it took too long.
func Slow(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "57014"
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// Prove makes a change, of nothing that matters, and returns when it is on disk: the store takes writes.
func Prove(ctx context.Context, d DB) error {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	return d.WriteDurable(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, "db.prove")
		return err
	})
}
