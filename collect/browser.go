package collect

import (
	"encoding/json"
	"io"
	"net/http"
	"sort"
	"strings"

	"github.com/heedcx/heed"
)

// base is where browsers reach us: protocol and host.
func (h *Handler) base(r *http.Request) (protocol, host string) {
	if h.o.PublicURL != "" {
		protocol, host, _ = strings.Cut(strings.TrimSuffix(h.o.PublicURL, "/"), "://")
		return protocol, host
	}
	protocol = "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		protocol = "https"
	}
	return protocol, r.Host
}

// settings answers analytics-next, which asks where to send to and which integrations to load: us, and none.
func (h *Handler) settings(w http.ResponseWriter, r *http.Request, key string) {
	if _, ok := h.o.Keys.WriteKey(key); !ok {
		h.problem(w, http.StatusNotFound, heed.Errorf(heed.NotFound, "There is no such write key."), nil)
		return
	}
	protocol, host := h.base(r)
	plan := map[string]any{"__default": map[string]any{"enabled": true, "integrations": map[string]any{}}}
	body, err := json.Marshal(map[string]any{
		"integrations": map[string]any{"Segment.io": map[string]any{
			"apiKey": key, "apiHost": host + "/v1", "protocol": protocol, "unbundledIntegrations": []string{},
			"addBundledMetadata": true, "maybeBundledConfigIds": map[string]any{},
			"versionSettings": map[string]any{"version": "4.4.7", "componentTypes": []string{"browser"}},
		}},
		"plan":                 map[string]any{"track": plan, "identify": plan, "group": plan},
		"edgeFunction":         map[string]any{},
		"analyticsNextEnabled": true,
		"middlewareSettings":   map[string]any{},
		"enabledMiddleware":    map[string]any{},
		"metrics":              map[string]any{"sampleRate": 0},
		"remotePlugins":        []any{},

		"legacyVideoPluginsEnabled": false,
	})
	h.config(w, body, err)
}

// sourceConfig answers RudderStack's SDKs, which want to know the source before they send: it is on, and events go to
// nobody but us.
func (h *Handler) sourceConfig(w http.ResponseWriter, r *http.Request) {
	key := headerKey(r)
	if key == "" {
		key = r.URL.Query().Get("writeKey")
	}
	src, ok := h.o.Keys.WriteKey(key)
	if !ok {
		h.unknownKey(w)
		return
	}
	off := map[string]any{"enabled": false}
	protocol, host := h.base(r)
	plane := []any{map[string]any{"url": protocol + "://" + host, "default": true}}
	body, err := json.Marshal(map[string]any{
		"source": map[string]any{
			"id": src.Name, "name": src.Name, "writeKey": key, "enabled": true, "workspaceId": "heed",
			"config":       map[string]any{"statsCollection": map[string]any{"errors": off, "metrics": off}},
			"destinations": []any{}, "connections": []any{},
			"dataplanes": map[string]any{"US": plane, "EU": plane},
		},
		"isHosted": false,
	})
	h.config(w, body, err)
}

func (h *Handler) config(w http.ResponseWriter, body []byte, err error) {
	if err != nil {
		h.busy(w, http.StatusServiceUnavailable, err)
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=60")
	h.json(w, http.StatusOK, body)
}

// metrics takes what analytics-next tells of itself and keeps nothing.
func (h *Handler) metrics(w http.ResponseWriter, _ *http.Request) {
	h.stats.metrics.Add(1)
	h.json(w, http.StatusOK, success)
}

// gif is a transparent picture of one pixel.
const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00," +
	"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;"

// pixel takes an event from the query of a picture's address. Names with dots are fields of objects:
// ?writeKey=..&anonymousId=..&event=Opened&properties.campaign=spring&context.page.path=/
func (h *Handler) pixel(w http.ResponseWriter, r *http.Request, as heed.Type) {
	q := takeRequest()
	defer q.release()
	query := r.URL.Query()
	src, ok := h.o.Keys.WriteKey(query.Get("writeKey"))
	if !ok {
		if src, ok = h.o.Keys.WriteKey(headerKey(r)); !ok {
			h.unknownKey(w)
			return
		}
	}
	query.Del("writeKey")
	event := map[string]any{}
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		set(event, strings.Split(name, "."), query.Get(name))
	}
	body, err := json.Marshal(event)
	if err != nil {
		h.problem(w, http.StatusBadRequest, heed.Errorf(heed.Invalid, "The query cannot be read."), nil)
		return
	}
	q.body = append(q.body[:0], body...)
	q.parse(as)
	if !h.finish(w, r, q, src, as, "", 0) {
		return
	}
	if len(q.refused) > 0 {
		h.answer(w, q)
		return
	}
	w.Header().Set("Content-Type", "image/gif")
	w.Header().Set("Cache-Control", "no-store")
	h.stats.answer(http.StatusOK)
	_, _ = io.WriteString(w, gif)
}

// set puts a value at a path of at most four names; a value that is JSON itself (properties={...}) is taken as such.
func set(into map[string]any, path []string, value string) {
	for len(path) > 1 && len(path) <= 4 {
		next, ok := into[path[0]].(map[string]any)
		if !ok {
			next = map[string]any{}
			into[path[0]] = next
		}
		into, path = next, path[1:]
	}
	name := strings.Join(path, ".")
	if strings.HasPrefix(value, "{") && json.Valid([]byte(value)) {
		into[name] = json.RawMessage(value)
		return
	}
	into[name] = value
}
