// Package retain deletes what has been kept long enough, in small pieces that leave the writer to others. It reads
// nothing by itself: whoever owns a table hands in a Piece for it.
package retain
