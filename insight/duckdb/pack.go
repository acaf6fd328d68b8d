package duckdb

// DuckDB keeps rows in groups, each compressed by itself. A commit of fewer than rowGroup rows goes through the
// write-ahead log into a group that is compressed at the next checkpoint; one of more is compressed at once and written
// past the log. Either way nothing is added to a group that has been written: the next commit begins another, and
// checkpoints bring small neighbours together, which writes them and the full ones between them anew. So groups are
// filled before they are written. (Commits of a little over one group each, for a minute, made the next checkpoint write
// all of that minute again, for 15 seconds: storage/local_storage.cpp, Flush; storage/table/row_group_collection.cpp,
// ScheduleVacuumTasks.)
const (
	rowGroup = 122_880
	// spare is how much of a group may stay empty, so that one more record, of up to 2,500 events, does not begin the
	// next: far less than what makes a checkpoint bring groups together.
	spare = 4096
)

// pack counts what the group holds that is not written yet.
type pack struct {
	open    int // rows committed
	pending int // rows appended since
}

// Room implements insight.Packer: what fills up the group that is not written yet, or two groups past the log when there
// is none.
func (s *Store) Room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pack.open == 0 {
		return 2*rowGroup - spare
	}
	return rowGroup - spare - s.pack.open
}

// packed says whether there is a full group to write.
func (p *pack) packed() bool {
	if p.pending >= rowGroup {
		p.open = 0
	} else {
		p.open += p.pending
	}
	p.pending = 0
	if p.open < rowGroup-spare {
		return false
	}
	p.open = 0
	return true
}
