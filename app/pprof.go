package app

import (
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/heedcx/heed/internal/account"
)

// profiles serves /debug/pprof to owners' API keys.
func (a *App) profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		who := a.Accounts.ByKey(key)
		if who == nil || !who.May(account.ManageKeys) {
			http.Error(w, "Profiles are for API keys that may manage keys.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
