package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// People finds the memory of a person, also by the id of one who was merged into them.
type People interface {
	// Person returns the document, or an error with code heed.NotFound.
	Person(ctx context.Context, id heed.ID) (*heed.Person, error)
}

// Specs tells what the brand has configured; channel.Catalog satisfies it.
type Specs interface {
	Get(ctx context.Context) (*channel.Specs, error)
}

// Config is what the pages need.
type Config struct {
	Keys   *token.Keys
	Specs  Specs
	People People
	Sink   channel.Sink
	// Applied waits until the workers have taken in what lies at the position.
	Applied func(ctx context.Context, at stream.Position) error
	Clock   clock.Clock
	Log     *slog.Logger
}

// How long an answer waits for the stream, and for the workers to apply what it holds.
const (
	writeTime = 10 * time.Second
	applyTime = 5 * time.Second
	trackTime = 2 * time.Second
	maxForm   = 64 << 10
)

type pages struct {
	Config
	tmpl *template.Template
	csp  string
}

//go:embed page.html style.css
var files embed.FS

// New returns the handler of /u/, /p/, /o/ and /c/.
func New(c Config) (http.Handler, error) {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	tmpl, err := template.New("page.html").Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(style) }}).ParseFS(files, "page.html")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	p := &pages{Config: c, tmpl: tmpl, csp: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /u/{token}", p.askUnsubscribe)
	mux.HandleFunc("POST /u/{token}", p.unsubscribe)
	mux.HandleFunc("GET /p/{token}", p.showPreferences)
	mux.HandleFunc("POST /p/{token}", p.savePreferences)
	mux.HandleFunc("GET /o/{token}", p.opened)
	mux.HandleFunc("GET /c/{token}", p.clicked)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.lost(w, r) })
	return p.headers(mux), nil
}

func (p *pages) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", p.csp)
		h.Set("Referrer-Policy", "no-referrer") // the address is a capability
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// view is what the page shows.
type view struct {
	Lang, Brand, Title, Text string
	// Kind is what else there is: "button", "form", "link" or nothing.
	Kind, Button, Link string
	Purposes           []purposeView
	Topics             []choice
	Channels           []choice
	NoTrack            bool
}

type purposeView struct {
	Title, Text string
	Choices     []choice
}

type choice struct {
	Name, Value, Label string
	On                 bool
}

func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, s *channel.Specs, v view) {
	v.Lang = "en"
	if s != nil {
		v.Brand = s.Brand.Title
	}
	var b bytes.Buffer
	if err := p.tmpl.Execute(&b, v); err != nil {
		p.Log.Error("cannot draw a page", "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}

// lost answers a link that is not ours, without saying why: whoever tries links learns nothing.
func (p *pages) lost(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusNotFound, nil, view{Title: "This link does not work", Text: "It may have been cut off. Please open it again from the message, or answer the message and we will help."})
}

func (p *pages) sorry(w http.ResponseWriter, r *http.Request, err error) {
	p.Log.Error("a person's choice could not be taken", "path", strings.SplitN(r.URL.Path, "/", 3)[1], "error", err)
	w.Header().Set("Retry-After", "30")
	p.show(w, r, http.StatusServiceUnavailable, nil, view{Title: "Please try again in a moment", Text: "We could not save this right now. Nothing has changed yet."})
}

// read gets what every page needs. It has answered when ok is false.
func (p *pages) read(w http.ResponseWriter, r *http.Request, kind token.Kind) (c token.Claims, s *channel.Specs, ok bool) {
	c, err := p.Keys.Read(kind, r.PathValue("token"))
	if err != nil {
		p.lost(w, r)
		return c, nil, false
	}
	if s, err = p.Specs.Get(r.Context()); err != nil {
		p.sorry(w, r, err)
		return c, nil, false
	}
	return c, s, true
}

// save puts an event on the stream and waits until it holds. applied is false when it is safe on the stream and the
// workers have not come to it yet.
func (p *pages) save(ctx context.Context, e heed.Event) (applied bool, err error) {
	// Whoever hangs up after pressing the button has still pressed it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	at, err := p.Sink.Write(ctx, []heed.Event{e})
	if err != nil {
		return false, err
	}
	wait, cancel2 := context.WithTimeout(ctx, applyTime)
	defer cancel2()
	if err := p.Applied(wait, at); err != nil {
		p.Log.Warn("a person's choice is stored but not applied yet", "error", err)
		return false, nil
	}
	return true, nil
}
