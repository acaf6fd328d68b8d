package mailbox

import (
	"container/list"
	"strings"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
)

// The bounds of a mailbox by default.
const (
	DefaultMails = 20_000
	DefaultBytes = 64 << 20
	MaxMail      = 1 << 20
)

// Mail is one mail as it was caught.
type Mail struct {
	ID   uint64
	At   heed.Time
	From string
	To   string
	Data []byte
}

// Mailbox keeps the latest mails, the oldest give way. It is safe for use by several goroutines.
type Mailbox struct {
	clock    clock.Clock
	maxMails int
	maxBytes int

	mu    sync.Mutex
	mails *list.List // of Mail, oldest first
	byID  map[uint64]*list.Element
	bytes int
	last  uint64 // also how many were caught since the start
}

// New makes a mailbox that keeps at most so many mails and bytes; 0 takes the defaults.
func New(c clock.Clock, maxMails, maxBytes int) *Mailbox {
	if maxMails <= 0 {
		maxMails = DefaultMails
	}
	if maxBytes <= 0 {
		maxBytes = DefaultBytes
	}
	return &Mailbox{clock: c, maxMails: maxMails, maxBytes: maxBytes, mails: list.New(), byID: map[uint64]*list.Element{}}
}

// Put keeps a mail and returns its number.
func (b *Mailbox) Put(from, to string, data []byte) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.byID[b.last] = b.mails.PushBack(Mail{ID: b.last, At: b.clock.Now(), From: from, To: to, Data: data})
	b.bytes += len(data)
	for b.mails.Len() > b.maxMails || b.bytes > b.maxBytes && b.mails.Len() > 1 {
		e := b.mails.Front()
		m := b.mails.Remove(e).(Mail)
		b.bytes -= len(m.Data)
		delete(b.byID, m.ID)
	}
	return b.last
}

// Get returns a mail; false when it is not there any more.
func (b *Mailbox) Get(id uint64) (Mail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byID[id]
	if !ok {
		return Mail{}, false
	}
	return e.Value.(Mail), true
}

// List returns at most limit mails older than before (0: from the newest), newest first. to keeps those for one
// address; "" keeps all.
func (b *Mailbox) List(to string, before uint64, limit int) []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Mail
	for e := b.mails.Back(); e != nil && len(out) < limit; e = e.Prev() {
		m := e.Value.(Mail)
		if (before == 0 || m.ID < before) && (to == "" || strings.EqualFold(m.To, to)) {
			out = append(out, m)
		}
	}
	return out
}

// Caught is how many mails came since the start.
func (b *Mailbox) Caught() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// Clear throws the mails away.
func (b *Mailbox) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails.Init()
	clear(b.byID)
	b.bytes = 0
}
