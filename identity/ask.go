package identity

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Find returns the person behind an identifier in any spelling. ErrNotFound-coded when it names nobody.
func Find(ctx context.Context, q db.Querier, c *Config, id heed.Identifier) (heed.ID, error) {
	if id.Namespace == Person {
		p, err := heed.ParseID(id.Value)
		if err != nil {
			return heed.ID{}, heed.FieldErrorf("identifier", "%v", err)
		}
		return Resolve(ctx, q, p)
	}
	n, ok := c.Normalise(id)
	if !ok {
		e := heed.Errorf(heed.NotFound, "%q names nobody: it is empty, blocked, or no valid %s", id.Value, id.Namespace)
		e.Field = "identifier"
		return heed.ID{}, e
	}
	var person heed.ID
	var node Identifier
	err := q.QueryRow(ctx, "identity.peek", n.Hash()).Scan(&node.Hash, &node.Namespace, &node.Value, &person, &node.flags, &node.gen, &node.erased, &node.links)
	if err == db.ErrNoRows || err == nil && person.IsZero() {
		return heed.ID{}, heed.Errorf(heed.NotFound, "nobody is known as %s", n)
	}
	return person, err
}

// Resolve follows a person who has become another to who they are now. An id that was never merged is returned as it
// is, known or not.
func Resolve(ctx context.Context, q db.Querier, id heed.ID) (heed.ID, error) {
	var survivor heed.ID
	err := q.QueryRow(ctx, "identity.alias", id).Scan(&survivor)
	if err == db.ErrNoRows {
		return id, nil
	}
	return survivor, err
}

// Identifier is one identifier of a person.
type Identifier struct {
	heed.Identifier
	Hash   heed.ID `json:"-"`
	Capped bool    `json:"capped,omitempty"` // further ones of a namespace are not linked any more
	Shared bool    `json:"shared,omitempty"` // other known people use it too
	Kiosk  bool    `json:"kiosk,omitempty"`  // many users have signed in on it

	flags, gen int64
	erased     heed.Time
	links      []byte
}

// Keys lists everything that belongs to a person, in the order of the keys.
func Keys(ctx context.Context, q db.Querier, person heed.ID) ([]Identifier, error) {
	rows, err := q.Query(ctx, "identity.nodes_of", person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Identifier
	for rows.Next() {
		var i Identifier
		if err := rows.Scan(&i.Hash, &i.Namespace, &i.Value, &person, &i.flags, &i.gen, &i.erased, &i.links); err != nil {
			return nil, err
		}
		i.Capped, i.Shared, i.Kiosk = i.flags&capped != 0, i.flags&sharedID != 0, i.flags&kiosk != 0
		out = append(out, i)
	}
	return out, rows.Err()
}

// Former lists the ids of the people who have become this one.
func Former(ctx context.Context, q db.Querier, person heed.ID) ([]heed.ID, error) {
	return db.IDs(q.Query(ctx, "identity.aliases_of", person))
}

// Cursor is a place in the feed of changes.
type Cursor struct {
	Tx int64 `json:"tx"`
	N  int64 `json:"n"`
}

// Change says whose a key of history is now.
type Change struct {
	Key    heed.ID
	Person heed.ID   // zero: nobody's any more
	Erased heed.Time // not zero: history received until then under this key must be deleted
}

// Changes returns the changes after the cursor, at least limit of them if there are as many, and the cursor behind them. A
// batch's changes come together, so there may be up to a thousand more. A change is never skipped, also when workers
// commit in another order than they began; it may come twice. The last change of a key says whose it is now.
func Changes(ctx context.Context, q db.Querier, after Cursor, limit int) ([]Change, Cursor, error) {
	rows, err := q.Query(ctx, "identity.changes", after.Tx, after.N, limit)
	if err != nil {
		return nil, after, err
	}
	defer rows.Close()
	var out []Change
	var ask []int // whose owner the feed does not say
	for len(out) < limit && rows.Next() {
		var hashes, owners []byte
		var erased heed.Time
		if err := rows.Scan(&after.Tx, &after.N, &hashes, &owners, &erased); err != nil {
			return nil, after, err
		}
		for i := 0; i < len(hashes); i += len(heed.ID{}) {
			c := Change{Key: heed.ID(hashes[i : i+len(heed.ID{})]), Erased: erased}
			if len(owners) == len(hashes) {
				c.Person = heed.ID(owners[i : i+len(heed.ID{})])
			} else {
				ask = append(ask, len(out))
			}
			out = append(out, c)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, after, err
	}
	rows.Close()
	arg := make([]any, 1)
	err = q.Each(ctx, "identity.owner", len(ask), func(i int) []any { arg[0] = out[ask[i]].Key[:]; return arg }, func(i int, r db.Row) error {
		return r.Scan(&out[ask[i]].Person)
	})
	return out, after, err
}

// PruneChanges forgets the changes up to a number that the history store has taken in, and all before it.
func PruneChanges(ctx context.Context, tx db.Tx, n int64) error {
	_, err := tx.Exec(ctx, "identity.prune_changes", n)
	return err
}
