package db

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
