package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

func TestTroubleTellsTheStoresFaultFromTheDatas(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{sqlite3.Error{Code: sqlite3.ErrFull}, true},
		{sqlite3.Error{Code: sqlite3.ErrIoErr}, true},
		{sqlite3.Error{Code: sqlite3.ErrReadonly}, true},
		{sqlite3.Error{Code: sqlite3.ErrBusy}, true},
		{sqlite3.Error{Code: sqlite3.ErrConstraint}, false},
		{sqlite3.Error{Code: sqlite3.ErrTooBig}, false},
		{&pgconn.PgError{Code: "53100"}, true}, // disk full
		{&pgconn.PgError{Code: "57P01"}, true}, // shutting down
		{&pgconn.PgError{Code: "25006"}, true}, // a standby, read-only
		{&pgconn.PgError{Code: "40001"}, true},
		{&pgconn.PgError{Code: "22021"}, false}, // a zero byte in a text
		{&pgconn.PgError{Code: "23505"}, false},
		{&pgconn.PgError{Code: "42P01"}, true},  // a table is missing: for everybody
		{&pgconn.PgError{Code: "25P02"}, false}, // what follows a failure
		{&net.OpError{Op: "read", Err: errors.New("connection reset")}, true},
		{io.ErrUnexpectedEOF, true},
		{context.DeadlineExceeded, true},
		{errors.New("a stage found something odd"), false},
	} {
		if got := Trouble(fmt.Errorf("profile.put_person: %w", c.err)); got != c.want {
			t.Errorf("%T %v: got %v", c.err, c.err, got)
		}
	}
}

func TestAbsentTellsWhatMayComeByItself(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		{&net.DNSError{Err: "no such host", Name: "db"}, true},
		{context.DeadlineExceeded, true},
		{&pgconn.PgError{Code: "57P03"}, true},  // starting up
		{&pgconn.PgError{Code: "53300"}, true},  // too many connections
		{&pgconn.PgError{Code: "28P01"}, false}, // wrong password
		{&pgconn.PgError{Code: "3D000"}, false}, // no such database
		{sqlite3.Error{Code: sqlite3.ErrCantOpen}, false},
		{context.Canceled, false},
		{errors.New("db: prepare profile.get: no"), false},
	} {
		if got := Absent(fmt.Errorf("db: migrate: %w", c.err)); got != c.want {
			t.Errorf("%v: got %v", c.err, got)
		}
	}
}
