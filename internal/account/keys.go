package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Kinds of keys.
const (
	WriteKind = "write" // public, in every browser: may send events and nothing else
	APIKind   = "api"   // secret
)

// Key is a key as it is shown. Secret is there for write keys always, for API keys only when they are made.
type Key struct {
	ID      heed.ID
	Kind    string
	Name    string
	Prefix  string // how a secret key begins
	Secret  string
	Source  string
	Scopes  []string
	Made    heed.Time
	MadeBy  string
	Expires heed.Time // 0: never
	Revoked heed.Time // 0: it is in force
	Used    heed.Time // last use, to the hour or so

	hash []byte
}

// NewKey says what key to make.
type NewKey struct {
	Kind    string
	Name    string
	Source  string   // write keys: the source whose events they carry; API keys: optional
	Scopes  []string // API keys: roles and permissions
	Expires heed.Time
	Value   string // bootstrap only: the key itself; "" makes one
}

// maxKey bounds the length of a key, so that a lookup needs no allocation.
const maxKey = 128

// CreateKey makes a key and returns it with its secret, which for an API key is never shown again.
func (s *Service) CreateKey(ctx context.Context, by Actor, n NewKey) (Key, error) {
	k, err := s.newKey(by, n)
	if err != nil {
		return Key{}, err
	}
	err = s.db.WriteDurable(ctx, func(tx db.Tx) error { return s.putKey(ctx, tx, by, k) })
	if err != nil {
		return Key{}, err
	}
	return k, s.Refresh(ctx)
}

func (s *Service) newKey(by Actor, n NewKey) (Key, error) {
	k := Key{Kind: n.Kind, Name: strings.TrimSpace(n.Name), Source: n.Source, Made: s.clock.Now(), MadeBy: by.Name, Expires: n.Expires, Secret: n.Value}
	k.ID = heed.NewID(k.Made)
	if k.Name == "" || len(k.Name) > 100 {
		return k, heed.FieldErrorf("name", "give the key a name of up to 100 characters that says where it is used")
	}
	if k.Expires != 0 && k.Expires <= k.Made {
		return k, heed.FieldErrorf("expires_at", "lies in the past")
	}
	prefix := "heed_wk_"
	switch n.Kind {
	case WriteKind:
		if k.Source == "" {
			return k, heed.FieldErrorf("source", "a write key belongs to a source: name one")
		}
		if len(n.Scopes) > 0 {
			return k, heed.FieldErrorf("scopes", "a write key has no scopes: it may send events, nothing else")
		}
	case APIKind:
		prefix = "heed_sk_"
		var err error
		if k.Scopes, err = checkScopes(n.Scopes); err != nil {
			return k, err
		}
		for _, sc := range k.Scopes { // nobody makes a key that may more than they may themselves
			if Role(sc).known() {
				for _, p := range roleMay[Role(sc)] {
					if !by.May(p) {
						return k, heed.Errorf(heed.Forbidden, "You cannot make a key with scope %s: you may not do all that it may (%s).", sc, p)
					}
				}
			} else if !by.May(Permission(sc)) {
				return k, heed.Errorf(heed.Forbidden, "You cannot make a key with scope %s: you may not do that yourself.", sc)
			}
		}
	default:
		return k, heed.FieldErrorf("kind", "want %s or %s", WriteKind, APIKind)
	}
	if k.Secret == "" {
		k.Secret = newToken(prefix)
		k.Prefix = k.Secret[:len(prefix)+4]
	} else if len(k.Secret) < 8 || len(k.Secret) > maxKey || strings.ContainsAny(k.Secret, " \t\r\n") {
		return k, heed.FieldErrorf("key", "a key has 8 to %d characters and no spaces", maxKey)
	} else if len(k.Secret) >= 16 {
		k.Prefix = k.Secret[:4]
	}
	k.hash = hashToken(k.Secret)
	return k, nil
}

func (r Role) known() bool { _, ok := roleMay[r]; return ok }

func (s *Service) putKey(ctx context.Context, tx db.Tx, by Actor, k Key) error {
	shown := ""
	if k.Kind == WriteKind {
		shown = k.Secret
	}
	n, err := tx.Exec(ctx, "account.put_key", k.ID, k.Kind, k.Name, k.Prefix, k.hash, shown, k.Source, strings.Join(k.Scopes, ","), k.Made, k.MadeBy, k.Expires)
	if err != nil {
		return err
	}
	if n == 0 {
		return heed.Errorf(heed.Conflict, "This key exists already.")
	}
	if _, err := tx.Exec(ctx, "account.bump", 1); err != nil {
		return err
	}
	return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "key.create", Target: "key " + k.Name, After: k.public()})
}

// public is what of a key may be in the audit log.
func (k Key) public() map[string]any {
	return map[string]any{"id": k.ID.String(), "kind": k.Kind, "name": k.Name, "prefix": k.Prefix, "source": k.Source, "scopes": k.Scopes, "expires": k.Expires.String()}
}

// Keys returns all keys, the oldest first; revoked ones too.
func (s *Service) Keys(ctx context.Context) (out []Key, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error { out, err = readKeys(ctx, q); return err })
	return out, err
}

func readKeys(ctx context.Context, q db.Querier) ([]Key, error) {
	rows, err := q.Query(ctx, "account.keys")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Key
	for rows.Next() {
		var k Key
		var scopes string
		if err := rows.Scan(&k.ID, &k.Kind, &k.Name, &k.Prefix, &k.hash, &k.Secret, &k.Source, &scopes, &k.Made, &k.MadeBy, &k.Expires, &k.Revoked, &k.Used); err != nil {
			return nil, err
		}
		if scopes != "" {
			k.Scopes = strings.Split(scopes, ",")
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// RevokeKey ends a key at once in this process and within seconds in others.
func (s *Service) RevokeKey(ctx context.Context, by Actor, id heed.ID) error {
	err := s.db.WriteDurable(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, "account.revoke_key", id, s.clock.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return heed.Errorf(heed.NotFound, "There is no key in force with this id.")
		}
		if _, err := tx.Exec(ctx, "account.bump", 1); err != nil {
			return err
		}
		return s.WriteAudit(ctx, tx, Entry{Actor: by, Action: "key.revoke", Target: "key " + id.String()})
	})
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// keyTable is an immutable view of the keys in force, by SHA-256 of the key: comparing hashes gives nothing away.
type keyTable struct {
	revision int64
	loaded   bool
	byHash   map[[sha256.Size]byte]*liveKey
}

type liveKey struct {
	who     Who
	id      heed.ID
	expires heed.Time
	events  bool // may send events
	public  bool
	used    atomic.Int64
}

type usedKey struct {
	id heed.ID
	at heed.Time
}

func (t *keyTable) takeUsed() (out []usedKey) {
	for _, k := range t.byHash {
		if at := k.used.Swap(0); at != 0 {
			out = append(out, usedKey{k.id, heed.Time(at)})
		}
	}
	return out
}

// Refresh loads the keys if they have changed.
func (s *Service) Refresh(ctx context.Context) error {
	s.refreshMu.Lock()
	defer s.refreshMu.Unlock()
	return s.db.Read(ctx, func(q db.Querier) error {
		next := &keyTable{byHash: map[[sha256.Size]byte]*liveKey{}, loaded: true}
		if err := q.QueryRow(ctx, "account.revision").Scan(&next.revision); err != nil {
			return err
		}
		had := s.keys.Load()
		if had.loaded && had.revision == next.revision {
			return nil
		}
		keys, err := readKeys(ctx, q)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.Revoked != 0 || len(k.hash) != sha256.Size {
				continue
			}
			live := &liveKey{id: k.ID, expires: k.Expires, public: k.Kind == WriteKind,
				who: Who{Via: ByAPIKey, ID: k.ID, Name: k.Name, Scopes: k.Scopes, Source: k.Source}}
			if live.public {
				live.who.Via = ByWriteKey
			} else if live.who.Source == "" {
				live.who.Source = k.Name
			}
			live.events = live.who.May(SendEvents)
			if old := had.byHash[[sha256.Size]byte(k.hash)]; old != nil {
				live.used.Store(old.used.Load())
			}
			next.byHash[[sha256.Size]byte(k.hash)] = live
		}
		s.keys.Store(next)
		return nil
	})
}

func (s *Service) lookup(key string) *liveKey {
	if len(key) == 0 || len(key) > maxKey {
		return nil
	}
	var buf [maxKey]byte
	n := copy(buf[:], key)
	k := s.keys.Load().byHash[sha256.Sum256(buf[:n])]
	if k == nil {
		return nil
	}
	now := s.clock.Now()
	if k.expires != 0 && now >= k.expires {
		return nil
	}
	if k.used.Load() == 0 { // once between two prunes: a hot key's cache line stays clean
		k.used.Store(int64(now))
	}
	return k
}

// WriteKey answers for the collector: the source whose events a key carries, and whether it is a public key, which
// may only link anonymous to known. A secret API key with scope events:write is a server's key. It allocates nothing.
func (s *Service) WriteKey(key string) (source string, public, ok bool) {
	k := s.lookup(key)
	if k == nil || !k.events {
		return "", false, false
	}
	return k.who.Source, k.public, true
}

// ByKey tells who holds a key, write key or API key; nil when it is none of ours.
func (s *Service) ByKey(key string) *Who {
	if k := s.lookup(key); k != nil {
		return &k.who
	}
	return nil
}

// Bootstrap are the keys and the owner that must exist when the program starts; "" is none.
type Bootstrap struct {
	WriteKey, WriteSource string // public key of a source; the source is "default" when not named
	APIKey                string // secret key with scope admin
	OwnerEmail            string
	OwnerPassword         string
}

// Bootstrap creates what is absent. A key that was revoked stays revoked.
func (s *Service) Bootstrap(ctx context.Context, b Bootstrap) error {
	by := System("bootstrap")
	if b.WriteSource == "" {
		b.WriteSource = "default"
	}
	for _, n := range []NewKey{
		{Kind: WriteKind, Name: "bootstrap", Source: b.WriteSource, Value: b.WriteKey},
		{Kind: APIKind, Name: "bootstrap", Scopes: []string{string(Admin)}, Value: b.APIKey},
	} {
		if n.Value == "" {
			continue
		}
		if _, err := s.CreateKey(ctx, by, n); err != nil && heed.CodeOf(err) != heed.Conflict {
			return fmt.Errorf("bootstrap %s key: %w", n.Kind, err)
		}
	}
	if b.OwnerEmail == "" {
		return s.Refresh(ctx)
	}
	_, err := s.CreateUser(ctx, by, NewUser{Email: b.OwnerEmail, Name: b.OwnerEmail, Role: Owner, Password: b.OwnerPassword})
	if err != nil && heed.CodeOf(err) != heed.Conflict {
		return errors.Join(errors.New("bootstrap owner"), err)
	}
	return s.Refresh(ctx)
}
