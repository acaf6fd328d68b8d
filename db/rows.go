package db

import "github.com/heedcx/heed"

// oneRow scans the first row of a result and closes it.
type oneRow struct {
	rows Rows
	err  error
}

func firstRow(rows Rows, err error) Row { return oneRow{rows, err} }

func (o oneRow) Scan(dest ...any) error {
	if o.err != nil {
		return o.err
	}
	defer o.rows.Close()
	if !o.rows.Next() {
		if err := o.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	return o.rows.Scan(dest...)
}

// List scans every row of what a query returned and closes it.
func List[T any](rows Rows, err error, scan func(Row) (T, error)) (out []T, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// IDs lists the ids that are the only column of what a query returned.
func IDs(rows Rows, err error) ([]heed.ID, error) {
	return List(rows, err, func(r Row) (id heed.ID, err error) { return id, r.Scan(&id) })
}
