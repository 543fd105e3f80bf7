package majordomo

import (
	"strings"

	"github.com/go-zactor/zactor/internal/figures"
)

// String is where it binds and what it has done: what is inside is at work.
func (b *Broker) String() string {
	return figures.Title("majordomo.Broker", strings.Join(b.c.bind, ","), b.Stats().String())
}

// GoString is String, for %#v.
func (b *Broker) GoString() string { return b.String() }

// String is its service and what it has done: what is inside is at work.
func (w *Worker) String() string {
	return figures.Title("majordomo.Worker", w.service, w.Stats().String())
}

// GoString is String, for %#v.
func (w *Worker) GoString() string { return w.String() }

// String is what it has done: what is inside is at work.
func (k *Client) String() string {
	return figures.Title("majordomo.Client", "", k.Stats().String())
}

// GoString is String, for %#v.
func (k *Client) GoString() string { return k.String() }
