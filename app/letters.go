package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/stream"
)

// deadLetters answers api.DeadLetters from topic Dead. A letter is named by its record and its place in it: "1742" is
// the first of record 1742, "1742-3" its fourth.
type deadLetters struct {
	log  stream.Log
	sink *stream.Writer
}

// letter is a dead letter and where it lies.
type letter struct {
	stream.DeadLetter
	at place
}

type place struct {
	seq   uint64
	index int
}

func (p place) String() string {
	if p.index == 0 {
		return strconv.FormatUint(p.seq, 10)
	}
	return fmt.Sprintf("%d-%d", p.seq, p.index)
}

func (p place) before(o place) bool { return p.seq < o.seq || p.seq == o.seq && p.index < o.index }

func parsePlace(s string) (p place, err error) {
	seq, index, more := strings.Cut(s, "-")
	if p.seq, err = strconv.ParseUint(seq, 10, 63); err == nil && more {
		p.index, err = strconv.Atoi(index)
	}
	if err != nil || p.seq == 0 || p.index < 0 {
		return p, heed.Errorf(heed.NotFound, "There is no dead letter %.40q.", s)
	}
	return p, nil
}

// firstSpan is how many records the search for the newest letters begins with; each further look is twice as long.
const firstSpan = 8

// DeadLetters returns the newest letters before a cursor. The topic is read backwards in spans.
func (d deadLetters) DeadLetters(ctx context.Context, before string, limit int) ([]api.DeadLetter, string, error) {
	last, err := d.log.Last(ctx, stream.Dead, 0)
	if err != nil {
		return nil, "", err
	}
	end := place{seq: last + 1}
	if before != "" {
		if end, err = parsePlace(before); err != nil {
			return nil, "", heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
	}
	var out []letter
	upto := min(end.seq, last)
	for span := uint64(firstSpan); upto > 0 && len(out) < limit; span *= 2 {
		from := upto - min(upto, span)
		letters, err := d.read(ctx, from, upto)
		if err != nil {
			return nil, "", err
		}
		for i := len(letters) - 1; i >= 0 && len(out) < limit; i-- {
			if letters[i].at.before(end) {
				out = append(out, letters[i])
			}
		}
		upto = from
	}
	page := make([]api.DeadLetter, len(out))
	for i, l := range out {
		page[i] = api.DeadLetter{ID: l.at.String(), At: api.Time(l.At), Stage: l.Stage, Source: l.Source, Reason: l.Reason, Event: api.JSON(l.Event), Retry: l.Seq != 0}
	}
	next := ""
	if limit > 0 && len(out) == limit {
		next = page[limit-1].ID
	}
	return page, next, nil
}

// read returns the letters of the records after one sequence up to another one.
func (d deadLetters) read(ctx context.Context, after, upto uint64) ([]letter, error) {
	if upto <= after {
		return nil, nil
	}
	r, err := d.log.Read(ctx, stream.Dead, 0, after)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []letter
	for at := after; at < upto; {
		recs, err := r.Next(ctx, firstSpan, 2*time.Second)
		if err != nil || len(recs) == 0 {
			return out, err
		}
		for _, rec := range recs {
			if at = rec.Seq; at > upto {
				break
			}
			list, err := stream.ReadLetters(rec.Data)
			if err != nil {
				list = []stream.DeadLetter{{At: rec.At, Reason: "the letter itself cannot be read: " + err.Error()}}
			}
			for i, l := range list {
				out = append(out, letter{l, place{rec.Seq, i}})
			}
		}
	}
	return out, nil
}

// Retry puts the event of a letter that had failed inside a worker on the stream again.
func (d deadLetters) Retry(ctx context.Context, id string) error {
	l, err := d.find(ctx, id)
	if err != nil {
		return err
	}
	if l.Seq == 0 {
		return heed.Errorf(heed.Conflict, "This event never got past the door (%s). Correct it at its source and send it again.", l.Reason)
	}
	r, err := d.log.Read(ctx, stream.Events, l.Partition, l.Seq-1)
	if err != nil {
		return err
	}
	defer r.Close()
	recs, err := r.Next(ctx, 1, 5*time.Second)
	if err != nil {
		return err
	}
	if len(recs) == 0 || recs[0].Seq != l.Seq {
		return heed.Errorf(heed.NotFound, "The stream does not keep the event any more.")
	}
	events, err := stream.DecodeEnvelope(recs[0].Data, nil)
	if err != nil || l.Index >= len(events) {
		return heed.Errorf(heed.Conflict, "The envelope that held it is damaged; the event cannot be tried again.")
	}
	e := events[l.Index]
	e.MessageID += "/retry-" + id // its own id counts as taken in
	_, err = d.sink.Write(ctx, []heed.Event{e})
	return err
}

func (d deadLetters) find(ctx context.Context, id string) (letter, error) {
	at, err := parsePlace(id)
	if err != nil {
		return letter{}, err
	}
	last, err := d.log.Last(ctx, stream.Dead, 0)
	if err != nil {
		return letter{}, err
	}
	letters, err := d.read(ctx, at.seq-1, min(at.seq, last))
	if err != nil {
		return letter{}, err
	}
	for _, l := range letters {
		if l.at == at {
			return l, nil
		}
	}
	return letter{}, heed.Errorf(heed.NotFound, "There is no dead letter %.40q.", id)
}
