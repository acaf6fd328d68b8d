package db

import (
	"context"
	"slices"
)

// noting is a Tx that remembers which statements changed rows, for Options.Changed.
type noting struct {
	Tx
	names []string
}

// note runs f with a noting transaction around tx, or with tx itself when nobody wants to know.
func note(into *[]string, wanted bool, tx Tx, f func(tx Tx) error) error {
	if !wanted {
		return f(tx)
	}
	n := &noting{Tx: tx}
	err := f(n)
	*into = n.names
	return err
}

func (n *noting) note(name string) {
	if !slices.Contains(n.names, name) {
		n.names = append(n.names, name)
	}
}

// Exec implements Tx.
func (n *noting) Exec(ctx context.Context, name string, args ...any) (int64, error) {
	rows, err := n.Tx.Exec(ctx, name, args...)
	if rows > 0 {
		n.note(name)
	}
	return rows, err
}

// ExecEach implements Tx. How many rows it touched is not known: running it is taken for a change.
func (n *noting) ExecEach(ctx context.Context, name string, times int, args func(i int) []any) error {
	if times > 0 {
		n.note(name)
	}
	return n.Tx.ExecEach(ctx, name, times, args)
}
