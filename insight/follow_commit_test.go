package insight_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
)

func TestRunCommitsAfterASecondAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &memory{}
		f, stop := start(t, log, sink, nil)
		put(t, log, "a", "b")
		time.Sleep(900 * time.Millisecond)
		synctest.Wait()
		if sink.commits != 0 {
			t.Error("committed too early")
		}
		put(t, log, "c")
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if sink.commits != 1 || len(sink.names) != 3 {
			t.Errorf("after a second: %d commits of %q", sink.commits, sink.names)
		}
		put(t, log, "d")
		synctest.Wait()
		stop()
		if sink.commits != 2 || len(sink.names) != 4 {
			t.Errorf("at the end: %d commits of %q", sink.commits, sink.names)
		}
		if s := f.Stats(); s.ByAge != 1 || s.ByRows != 0 || s.Commits != 2 || s.Rows != 4 || s.Records != 3 {
			t.Errorf("got %+v", s)
		}
	})
}

// slow is a sink whose commits take as long as the test says.
type slow struct {
	memory
	held   atomic.Bool
	resume chan struct{}
}

func (s *slow) Commit(ctx context.Context, c insight.Commit) error {
	if s.held.Load() {
		<-s.resume
	}
	return s.memory.Commit(ctx, c)
}

// TestWhoWatchesDoesNotWaitForACommit: what it has done, and how far it is behind, is known while history writes.
func TestWhoWatchesDoesNotWaitForACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &slow{resume: make(chan struct{})}
		f, stop := start(t, log, sink, nil)
		synctest.Wait() // it looks for keys at once
		sink.held.Store(true)
		before := f.Stats()
		put(t, log, "a", "b")
		time.Sleep(2 * time.Second)
		put(t, log, "c")
		synctest.Wait() // in the commit of the first ones
		if s := f.Stats(); s.Commits != before.Commits {
			t.Errorf("while it commits: %+v", s)
		}
		if lag, err := f.Lag(t.Context()); err != nil || lag.Records == 0 {
			t.Errorf("while it commits it is %+v behind, %v", lag, err)
		}
		close(sink.resume)
		synctest.Wait()
		if s := f.Stats(); s.Commits != before.Commits+1 || s.Rows != 2 {
			t.Errorf("afterwards: %+v", s)
		}
		if lag, err := f.Lag(t.Context()); err != nil || lag.Records != 0 {
			t.Errorf("afterwards it is %+v behind, %v", lag, err)
		}
		stop()
	})
}

func TestRunCommitsByRowsAndBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &memory{}
		f, stop := start(t, log, sink, func(c *insight.Config) { c.MaxRows, c.MaxBytes = 2, 200 })
		put(t, log, "a", "b")
		synctest.Wait()
		put(t, log, string(make([]byte, 300)))
		synctest.Wait()
		if s := f.Stats(); s.ByRows != 1 || s.ByBytes != 1 || s.ByAge != 0 || len(sink.names) != 3 {
			t.Errorf("got %+v", s)
		}
		stop()
	})
}

// packer is a sink that says how many rows it has room for.
type packer struct {
	memory
	room []int // of the commits that are asked for
}

func (p *packer) Room() (room int) {
	room, p.room = p.room[0], p.room[1:]
	return room
}

func TestRunCommitsWhatTheSinkHasRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &packer{room: []int{3, 1, 2, 2}}
		f, stop := start(t, log, sink, nil)
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			put(t, log, name)
			synctest.Wait()
		}
		if s := f.Stats(); s.ByRows != 3 || s.ByAge != 0 || strings.Join(sink.names, "") != "abcdef" {
			t.Errorf("got %+v, %v", s, sink.names)
		}
		stop()
	})
}

// Large commits are much cheaper by the row: a stream that fills one within six seconds is given them.
func TestRunWaitsForALargeCommitUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &memory{}
		f, stop := start(t, log, sink, func(c *insight.Config) { c.MaxRows = 6 })
		put(t, log, "a", "b", "c", "d")
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if sink.commits != 0 {
			t.Error("committed after a second although the rows come fast")
		}
		put(t, log, "e", "f")
		synctest.Wait()
		put(t, log, "g", "h", "i", "j") // and then no more
		time.Sleep(2100 * time.Millisecond)
		synctest.Wait()
		if s := f.Stats(); s.ByRows != 1 || s.ByAge != 1 || len(sink.names) != 10 {
			t.Errorf("got %+v", s)
		}
		stop()
	})
}
