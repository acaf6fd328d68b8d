package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
)

// Letters puts dead letters on topic Dead, many to a record, so that a batch in which everything is wrong costs one
// flush to disk and not one per event. It is safe for concurrent use: callers share the records that wait.
type Letters struct {
	log Log

	mu      sync.Mutex
	next    []*pile // waiting; only the last one takes more
	writing bool
	count   atomic.Int64
}

// NewLetters returns a writer of dead letters.
func NewLetters(log Log) *Letters { return &Letters{log: log} }

// pile is one record under way.
type pile struct {
	text    []byte
	letters int
	done    chan struct{}
	err     error
}

// Put stores the letters and returns when they are on disk.
func (l *Letters) Put(ctx context.Context, letters []DeadLetter) error {
	var waits []*pile
	for i := range letters {
		text, err := json.Marshal(&letters[i])
		if err != nil {
			return err
		}
		if p := l.add(text); len(waits) == 0 || waits[len(waits)-1] != p {
			waits = append(waits, p)
		}
	}
	l.start()
	for _, p := range waits {
		select {
		case <-p.done:
			if p.err != nil {
				return p.err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// Count is how many letters were stored.
func (l *Letters) Count() int64 { return l.count.Load() }

func (l *Letters) add(text []byte) *pile {
	l.mu.Lock()
	defer l.mu.Unlock()
	var p *pile
	if n := len(l.next); n > 0 && len(l.next[n-1].text) < maxPieceBytes {
		p = l.next[n-1]
		p.text = append(p.text, ',')
	} else {
		p = &pile{done: make(chan struct{}), text: []byte{'['}}
		l.next = append(l.next, p)
	}
	p.text = append(p.text, text...)
	p.letters++
	return p
}

func (l *Letters) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.writing && len(l.next) > 0 {
		l.writing = true
		go l.run()
	}
}

// run writes records until none waits.
func (l *Letters) run() {
	for {
		l.mu.Lock()
		if len(l.next) == 0 {
			l.writing = false
			l.mu.Unlock()
			return
		}
		p := l.next[0]
		l.next = l.next[1:]
		l.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
		_, p.err = l.log.Append(ctx, Dead, 0, append(p.text, ']'))
		cancel()
		if p.err == nil {
			l.count.Add(int64(p.letters))
		}
		close(p.done)
	}
}

// ReadLetters returns the letters of a record of topic Dead: one, or a list of them.
func ReadLetters(data []byte) ([]DeadLetter, error) {
	if b := bytes.TrimLeft(data, " \t\r\n"); len(b) > 0 && b[0] == '[' {
		var list []DeadLetter
		err := json.Unmarshal(b, &list)
		return list, err
	}
	var one DeadLetter
	err := json.Unmarshal(data, &one)
	return []DeadLetter{one}, err
}
