package db

import (
	"context"
	"database/sql/driver"

	"github.com/mattn/go-sqlite3"
)

// pieces is how many runs of a statement go to the driver together.
const pieces = 64

// manyStmt is a statement of the writer that runs often in one transaction. It goes to the driver itself, and as a query:
// so a run crosses into C twice, however many arguments it has, and package sql does not look at each of them.
type manyStmt struct {
	stmt *sqlite3.SQLiteStmt
	args []driver.NamedValue // of the runs of a piece, one behind the other
}

// manyOf returns the named statement, prepared when it is asked for the first time.
func (s *sqlite) manyOf(name string) (*manyStmt, error) {
	if m := s.many[name]; m != nil {
		return m, nil
	}
	text, err := s.queries.get(name)
	if err != nil {
		return nil, err
	}
	m := &manyStmt{}
	err = s.writer.Raw(func(conn any) error {
		st, err := conn.(*sqlite3.SQLiteConn).Prepare(text)
		if err == nil {
			m.stmt = st.(*sqlite3.SQLiteStmt)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.many[name] = m
	return m, nil
}

// exec runs the statement n times. The arguments are asked for outside of Raw, which gives a connection up when its caller
// panics.
func (m *manyStmt) exec(s *sqlite, n int, args func(int) []any) error {
	defer func() { clear(m.args[:cap(m.args)]) }() // a document is not kept until the next run
	for from := 0; from < n; from += pieces {
		runs := min(pieces, n-from)
		m.args = m.args[:0]
		for i := range runs {
			for place, v := range plainArgs(args(from + i)) {
				plain, err := driver.DefaultParameterConverter.ConvertValue(v)
				if err != nil {
					return err
				}
				m.args = append(m.args, driver.NamedValue{Ordinal: place + 1, Value: plain})
			}
		}
		width := len(m.args) / runs
		err := s.writer.Raw(func(any) error {
			for i := range runs {
				rows, err := m.stmt.QueryContext(context.Background(), m.args[i*width:(i+1)*width])
				if err != nil {
					return err
				}
				if err := rows.Close(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
