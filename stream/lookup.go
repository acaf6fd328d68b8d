package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/heedcx/heed"
)

// looker is a Log that also knows what it still holds. A log without it is taken to hold everything.
type looker interface {
	// span returns the sequences of the oldest and the newest record; the oldest is behind the newest when all are gone.
	span(ctx context.Context, t Topic, partition int) (first, last uint64, err error)
	// written tells when a record was written; 0 when it is gone.
	written(ctx context.Context, t Topic, partition int, seq uint64) (heed.Time, error)
}

// fencer is a Log that appends only if nobody else has appended since. errLost says that somebody has.
type fencer interface {
	appendAfter(ctx context.Context, t Topic, partition int, last uint64, data []byte) (uint64, error)
}

var (
	_ looker = (*js)(nil)
	_ fencer = (*js)(nil)
)

func (j *js) appendAfter(ctx context.Context, t Topic, partition int, last uint64, data []byte) (uint64, error) {
	seq, err := j.append(ctx, t, partition, data, jetstream.WithExpectLastSequence(last))
	if answer, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch answer.ErrorCode {
		case jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant:
			return 0, errLost
		}
	}
	return seq, err
}

// askTime bounds one question to the server: one that is lost while nodes come and go is asked again soon, however much
// time the caller has.
const askTime = 5 * time.Second

func (j *js) span(ctx context.Context, t Topic, partition int) (first, last uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	api, err := j.handle()
	if err != nil {
		return 0, 0, err
	}
	s, err := api.Stream(ctx, streamName(t, partition))
	if err != nil {
		return 0, 0, fmt.Errorf("stream: span of %s: %w", t, err)
	}
	state := s.CachedInfo().State
	return state.FirstSeq, state.LastSeq, nil
}

func (j *js) written(ctx context.Context, t Topic, partition int, seq uint64) (heed.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	api, err := j.handle()
	if err != nil {
		return 0, err
	}
	s, err := api.Stream(ctx, streamName(t, partition))
	if err != nil {
		return 0, fmt.Errorf("stream: record %d of %s: %w", seq, t, err)
	}
	m, err := s.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("stream: record %d of %s: %w", seq, t, err)
	}
	return heed.At(m.Time), nil
}

// remains says whether the log holds records behind a sequence, and what the newest one is.
func remains(ctx context.Context, l Log, t Topic, partition int, after uint64) (more bool, last uint64, err error) {
	first := uint64(0)
	if k, ok := l.(looker); ok {
		first, last, err = k.span(ctx, t, partition)
	} else {
		last, err = l.Last(ctx, t, partition)
	}
	return last > after && first <= last, last, err
}
