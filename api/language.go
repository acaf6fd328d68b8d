package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed/internal/words"
)

type languageKey struct{}

// speak finds the language that the answer's sentences are said in: English, unless the request prefers another one that
// Heed speaks. Fields with the tag say hold sentences; everything else is data and stays as it is.
func (s *server) speak(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Language")
		next.ServeHTTP(w, r.WithContext(s.speaking(r.Context(), r.Header.Get("Accept-Language"))))
	})
}

func (s *server) speaking(ctx context.Context, accept string) context.Context {
	return context.WithValue(ctx, languageKey{}, s.words.For(accept))
}

// said is an answer in the language of its request.
func said(ctx context.Context, answer any) any {
	if l, _ := ctx.Value(languageKey{}).(*words.Language); l != nil {
		return l.Answer(answer)
	}
	return answer
}
