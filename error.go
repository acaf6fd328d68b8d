package heed

import (
	"errors"
	"fmt"
)

// Code classifies an [Error]. The API maps each to an HTTP status (see api/problem.go).
type Code string

// The codes. Their texts are part of the API.
const (
	Invalid      Code = "invalid"      // the input is wrong; the sentence says what to change
	NotFound     Code = "not_found"    // there is no such thing
	Conflict     Code = "conflict"     // the thing has changed or exists already
	Unauthorized Code = "unauthorized" // who are you?
	Forbidden    Code = "forbidden"    // you may not
	TooLarge     Code = "too_large"    // over a documented limit
	TooMany      Code = "too_many"     // slow down and try again
	Unavailable  Code = "unavailable"  // transient; try again
	Internal     Code = "internal"     // our fault; the log has the cause
)

// Error is a code and a sentence that is safe to show to whoever asked. The cause, if any, is for the log only.
type Error struct {
	Code    Code
	Message string
	Field   string // the field of the input that is wrong, "" if none
	Cause   error
}

// Errorf makes an Error with a formatted sentence.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldErrorf makes an Invalid error about one field of the input.
func FieldErrorf(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	s := e.Message
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the first Error in err's chain, Internal for any other error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// MessageOf returns the sentence that may be shown for err.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Something went wrong on our side. The log has the details."
}
