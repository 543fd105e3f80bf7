package observe

import (
	_ "embed" // for the page
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/registry"
)

//go:embed page.html
var page []byte

// policy lets the page do what it does, and nothing else: no request to anybody else.
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler answers with what lives in this process; see the package. It only reads.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET /snapshot.json", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, look()) })
	mux.HandleFunc("GET /vars", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"zactor": look().totals()})
	})
	mux.HandleFunc("GET /snapshot.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		look().writeText(w)
	})
	mux.HandleFunc("GET /healthz", health)
	return plain(mux)
}

// plain sets what every answer has.
func plain(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// health answers 200 when nothing is unwell.
func health(w http.ResponseWriter, _ *http.Request) {
	v := look()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(v.Unwell) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, strings.Join(v.Unwell, "\n"))
		return
	}
	fmt.Fprintln(w, "ok")
}

// writeText writes the view for a terminal.
func (v *view) writeText(w io.Writer) {
	for _, why := range v.Unwell {
		fmt.Fprintln(w, "UNWELL", why)
	}
	for _, s := range v.Subjects {
		fmt.Fprintf(w, "%s #%d %s, up %v%s\n", title(s), s.ID, s.State, v.Time.Sub(s.Born).Round(time.Second), numbers(s.Numbers))
		for _, f := range s.Facts {
			fmt.Fprintf(w, "  %s %s\n", f.Name, f.Value)
		}
		for _, l := range s.Links {
			fmt.Fprintf(w, "  %s\n", linkText(l))
		}
	}
}

// numbers lists those that are not zero.
func numbers(list []registry.Number) string {
	var b strings.Builder
	for _, n := range list {
		if n.Value == 0 {
			continue
		}
		fmt.Fprintf(&b, " %s", n.Name)
		if n.Label != "" {
			fmt.Fprintf(&b, ".%s", n.Label)
		}
		fmt.Fprintf(&b, "=%v", n.Value)
	}
	return b.String()
}

func linkText(l registry.Link) string {
	parts := []string{l.Role, l.Endpoint}
	for _, p := range []string{l.Remote, l.Peer, l.State} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if l.Queued+l.Unread > 0 {
		parts = append(parts, fmt.Sprintf("queued=%d unread=%d", l.Queued, l.Unread))
	}
	if l.Error != "" {
		parts = append(parts, fmt.Sprintf("(%s; %d attempts)", l.Error, l.Attempts))
	}
	return strings.Join(parts, " ")
}
