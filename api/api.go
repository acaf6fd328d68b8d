package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/httprate"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/words"
)

// Prefix is where everything lies.
const Prefix = "/api/v1"

// defaultPerMinute bounds requests of one key when Deps does not.
const defaultPerMinute = 6000

type server struct {
	Deps
	api     huma.API
	oidc    *oidcClient // nil: passwords only
	cross   *http.CrossOriginProtection
	limiter *httprate.RateLimiter // nil: no bound
	https   bool
	words   *words.Catalogue
}

// New builds the API. It serves /api/v1/... and /api/openapi.json. It panics when the API contradicts itself (an
// operation without a permission), which no input can cause.
func New(d Deps) http.Handler {
	s := newServer(d)
	r := chi.NewRouter()
	r.Use(s.identify, s.speak, s.logged, s.recovered, s.headers)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, s.Log, heed.Errorf(heed.NotFound, "There is nothing at %s. The operations are listed at /api/openapi.json.", r.URL.Path))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		p := problem(r.Context(), heed.Errorf(heed.Invalid, "%s does not take %s.", r.URL.Path, r.Method))
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		writeProblem(w, r, s.Log, p)
	})
	s.register(r)
	doc, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		panic("api: the OpenAPI document does not encode: " + err.Error())
	}
	r.Get("/api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(doc)
	})
	return r
}

// Document is the OpenAPI document, for generators of clients.
func Document(version string) ([]byte, error) {
	s := newServer(Deps{Version: version, PerMinute: -1})
	s.register(chi.NewRouter())
	return json.MarshalIndent(s.api.OpenAPI(), "", "  ")
}

func newServer(d Deps) *server {
	s := &server{Deps: d, words: words.New(), cross: http.NewCrossOriginProtection(), https: strings.HasPrefix(d.PublicURL, "https://")}
	if d.OIDC != nil {
		s.oidc = &oidcClient{OIDC: *d.OIDC, back: strings.TrimRight(d.PublicURL, "/") + Prefix + "/session/oidc/back"}
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Version == "" {
		s.Version = "dev"
	}
	if d.PublicURL != "" { // behind a proxy that changes the Host, the console's own origin is not a foreign one
		if err := s.cross.AddTrustedOrigin(strings.TrimRight(d.PublicURL, "/")); err != nil {
			s.Log.Warn("the public URL is no origin: requests from the console may be refused", "url", d.PublicURL, "err", err)
		}
	}
	perMinute := d.PerMinute
	if perMinute == 0 {
		perMinute = defaultPerMinute
	}
	if perMinute > 0 {
		s.limiter = httprate.NewRateLimiter(perMinute, time.Minute)
	}
	return s
}

// register adds every operation.
func (s *server) register(r chi.Router) {
	s.api = humachi.New(r, config(s.Version))
	s.api.UseMiddleware(s.admit)
	s.registerPeople()
	s.registerTimeline()
	s.registerChanges()
	s.registerGraph()
	s.registerMessages()
	s.registerDecide()
	s.registerSegments()
	s.registerAudience()
	s.registerJourneys()
	s.registerBroadcasts()
	s.registerTemplates()
	s.registerStudio()
	s.registerSpecs()
	s.registerEvents()
	s.registerReviews()
	s.registerInsight()
	s.registerOverview()
	s.registerData()
	s.registerImports()
	s.registerLive()
	s.registerChanged()
	s.registerSession()
	s.registerUsers()
	s.registerKeys()
	s.registerAudit()
	s.registerAdmin()
	// The validator's own error model is replaced by Problem everywhere (see transform).
	schemas := s.api.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
}

func config(version string) huma.Config {
	c := huma.DefaultConfig("Heed", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema links
	c.Transformers = []huma.Transformer{transform}
	c.RejectUnknownQueryParameters = true
	c.Info.Description = "Heed remembers every interaction with every customer, decides what is right to say next, and says why. " +
		"Authenticate with an API key as `Authorization: Bearer KEY`, or with the console's session cookie."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":      {Type: "http", Scheme: "bearer", Description: "An API key."},
		"session":  {Type: "apiKey", In: "cookie", Name: cookieName(false), Description: "A session of the console. Requests that change something also need the header " + csrfHeader + "."},
		"writeKey": {Type: "http", Scheme: "basic", Description: "A write key as the user name, no password: events only."},
	}
	return c
}
