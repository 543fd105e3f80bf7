package look

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/registry"
)

// view is what a process tells, in observe's /snapshot.json.
type view struct {
	Time     time.Time            `json:"time"`
	Unwell   []string             `json:"unwell"`
	Subjects []*registry.Snapshot `json:"subjects"`
	Gone     []registry.Gone      `json:"gone"`
}

// client asks one process.
type client struct {
	name string
	url  string
	http http.Client
}

// mostView is how large a view may be: 1,000 sockets with ten peers each are 5 MiB.
const mostView = 256 << 20

// askTime is how long a process may take to answer.
const askTime = 5 * time.Second

const addressHint = "the process serves it with ZACTOR_OBSERVE=127.0.0.1:6060 or unix:PATH, if it imports observe; zactor's own commands do"

// newClient reads an address: unix:PATH, :PORT, HOST:PORT, or the URL of a Handler.
func newClient(addr string) (*client, error) {
	c := &client{name: addr, http: http.Client{Timeout: askTime}}
	path, isUnix := strings.CutPrefix(addr, "unix:")
	switch {
	case addr == "":
		return nil, cli.Usage(addressHint, "which process? 127.0.0.1:6060, for one")
	case isUnix && path != "":
		c.url = "http://observe"
		c.http.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}}
	case strings.HasPrefix(addr, "http://"), strings.HasPrefix(addr, "https://"):
		if u, err := url.Parse(addr); err != nil || u.Host == "" {
			return nil, cli.Usage(addressHint, "%q is no URL", addr)
		}
		c.url = strings.TrimSuffix(addr, "/")
	default:
		host, port, err := net.SplitHostPort(addr)
		if err != nil || port == "" {
			return nil, cli.Usage(addressHint, "%q: an address is HOST:PORT, :PORT, unix:PATH or a URL", addr)
		}
		if host == "" {
			host = "127.0.0.1"
		}
		c.url = "http://" + net.JoinHostPort(host, port)
	}
	return c, nil
}

// look asks for a view.
func (c *client) look(ctx context.Context) (*view, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/snapshot.json", nil)
	if err != nil {
		return nil, err
	}
	a, err := c.http.Do(r)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // the rest is the address
	}
	if err != nil {
		return nil, &cli.Error{Code: cli.ExitNobody, Err: fmt.Errorf("%s: %w", c.name, err), Hint: addressHint}
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return nil, cli.Failed(addressHint, "%s: it answers %s to %s/snapshot.json", c.name, a.Status, c.url)
	}
	v := new(view)
	if err := json.NewDecoder(io.LimitReader(a.Body, mostView)).Decode(v); err != nil {
		return nil, cli.Failed(addressHint, "%s: it is no observe: %w", c.name, err)
	}
	return v, nil
}

// title is a subject's kind or type, and its name.
func title(s *registry.Snapshot) string {
	t := cli.Shown(kind(s))
	if s.Name != "" {
		t += ` "` + cli.Shown(s.Name) + `"`
	} else {
		t += fmt.Sprintf(" #%d", s.ID)
	}
	return t
}

func kind(s *registry.Snapshot) string {
	if s.Type != "" {
		return s.Type
	}
	return s.Kind
}

// number is what a subject has counted under a name, over all labels if none is given.
func number(s *registry.Snapshot, name, label string) (sum float64) {
	for _, n := range s.Numbers {
		if n.Name == name && (label == "" || n.Label == label) {
			sum += n.Value
		}
	}
	return sum
}
