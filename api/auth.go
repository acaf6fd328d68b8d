package api

import (
	"context"
	"net/http"
	"net/netip"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

var problemType = reflect.TypeFor[Problem]()

// csrfHeader must be on every request that changes something and is authenticated by cookie. A page of another site
// cannot set it without asking us first, and we say no.
const csrfHeader = "X-Heed-Console"

type (
	whoKey     struct{}
	sessionKey struct{}
	addressKey struct{}
)

// WhoFrom tells who asks; nil for nobody. Handlers that app mounts through Deps.Events use it.
func WhoFrom(ctx context.Context) *account.Who {
	w, _ := ctx.Value(whoKey{}).(*account.Who)
	return w
}

func addressFrom(ctx context.Context) string {
	a, _ := ctx.Value(addressKey{}).(string)
	return a
}

// actor is who asks, for the audit log.
func (s *server) actor(ctx context.Context) account.Actor {
	a := account.Actor{Address: addressFrom(ctx), Request: requestID(ctx)}
	if w := WhoFrom(ctx); w != nil {
		a.Who = *w
	}
	return a
}

// cookieName carries the __Host- prefix with https: a browser then refuses to take it from a subdomain or over http.
func cookieName(https bool) string {
	if https {
		return "__Host-heed_session"
	}
	return "heed_session"
}

func (s *server) cookie(token string, maxAge int) http.Cookie {
	return http.Cookie{Name: cookieName(s.https), Value: token, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.https, SameSite: http.SameSiteLaxMode}
}

// admit is the gate before every operation: credentials, permission, forgery, rate, time.
func (s *server) admit(hc huma.Context, next func(huma.Context)) {
	r, w := humachi.Unwrap(hc)
	o, ok := hc.Operation().Metadata["op"].(op)
	if !ok { // fails closed
		writeProblem(w, r, s.Log, heed.Errorf(heed.Internal, "This operation declares no permission."))
		return
	}
	ctx, who, err := s.authenticate(r, o)
	if err == nil {
		err = permit(who, o)
	}
	if err == nil && s.limited(w, r, who, o) {
		err = heed.Errorf(heed.TooMany, "Too many requests: wait a moment and try again.")
	}
	if err != nil {
		writeProblem(w, r.WithContext(ctx), s.Log, err)
		return
	}
	if !o.slow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	next(huma.WithContext(hc, ctx))
}

func permit(who *account.Who, o op) error {
	switch {
	case o.need == account.Anyone:
		return nil
	case who == nil:
		return heed.Errorf(heed.Unauthorized, "Sign in, or send an API key as Authorization: Bearer KEY.")
	case who.Via == account.ByWriteKey && !o.writing:
		return heed.Errorf(heed.Forbidden, "A write key may send events, nothing else: use an API key.")
	case !who.May(o.need):
		return heed.Errorf(heed.Forbidden, "You may not do this: it takes the permission %s.", o.need)
	}
	return nil
}

// authenticate finds out who asks. Credentials that are sent must be right, whatever the operation needs, except that
// an operation for anyone takes an old cookie for none.
func (s *server) authenticate(r *http.Request, o op) (context.Context, *account.Who, error) {
	ctx := r.Context()
	if h := r.Header.Get("Authorization"); h != "" {
		who := s.byHeader(r, h)
		if who == nil {
			return ctx, nil, heed.Errorf(heed.Unauthorized, "This key is not one of ours, or it was revoked or has expired.")
		}
		s.seen(ctx, who)
		return context.WithValue(ctx, whoKey{}, who), who, nil
	}
	// Without a key in the request, a browser may have been tricked into sending it.
	if !safe(r.Method) {
		if err := s.cross.Check(r); err != nil {
			return ctx, nil, heed.Errorf(heed.Forbidden, "This request comes from another site. Send it from the console, or with an API key.")
		}
	}
	c, err := r.Cookie(cookieName(s.https))
	if err != nil {
		return ctx, nil, nil
	}
	who, err := s.Accounts.BySession(ctx, c.Value)
	if err != nil || who == nil {
		return ctx, nil, err
	}
	if !safe(r.Method) && o.need != account.Anyone && r.Header.Get(csrfHeader) == "" {
		return ctx, nil, heed.Errorf(heed.Forbidden, "Requests with a session cookie need the header %s: 1.", csrfHeader)
	}
	s.seen(ctx, who)
	ctx = context.WithValue(ctx, sessionKey{}, c.Value)
	return context.WithValue(ctx, whoKey{}, who), who, nil
}

func (s *server) byHeader(r *http.Request, h string) *account.Who {
	scheme, key, _ := strings.Cut(h, " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		return s.Accounts.ByKey(strings.TrimSpace(key))
	case "basic":
		user, _, _ := r.BasicAuth()
		return s.Accounts.ByKey(user)
	}
	return nil
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// limited counts the request against its key, its user, or the client's address.
func (s *server) limited(w http.ResponseWriter, r *http.Request, who *account.Who, o op) bool {
	if s.limiter == nil || o.writing { // the collector has bounds of its own
		return false
	}
	key := "address " + account.Network(addressFrom(r.Context()))
	if who != nil {
		key = who.Via + " " + who.ID.String()
	}
	return s.limiter.OnLimit(w, r, key)
}

// clientAddress is the peer's address, or what a trusted proxy says it is.
func (s *server) clientAddress(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
	}
	return addr.String()
}

func (s *server) trusts(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
