package lan

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/logs"
)

// ErrNoInterface says that there is no interface to discover peers on.
var ErrNoInterface = errors.New("no usable interface")

// Notices is who is told of the troubles of an interface, by its name, or of all, by "".
type Notices interface {
	Down(nic string, err error)
	Up(nic string)
	Forget(nic string)
}

// Health knows what keeps a means of discovery from its interfaces, and logs it when it
// begins. But for Problem it belongs to one goroutine.
type Health struct {
	Log     logs.Logger
	Means   string  // "beacon", "mdns"
	Notices Notices // may be nil

	looks   []error          // of the last look at the interfaces
	current []error          // of the one under way
	sends   map[string]error // by interface
	shown   atomic.Pointer[error]
}

// Failed is for something of an interface that could not be opened in a look.
func (h *Health) Failed(err error) { h.current = append(h.current, err) }

// Looked ends a look at the interfaces, which has found targets.
func (h *Health) Looked(c Choice, nics []NIC, targets []Target) {
	if len(targets) == 0 {
		h.Failed(fmt.Errorf("%w: %s", ErrNoInterface, c.why(nics)))
	}
	for _, err := range h.current {
		if !slices.ContainsFunc(h.looks, func(old error) bool { return old.Error() == err.Error() }) {
			id := logs.BeaconLink
			if errors.Is(err, ErrNoInterface) {
				id = logs.BeaconNowhere
			}
			h.Log.Limited(id, h.Means, logs.Err(err), logs.Str("means", h.Means))
		}
	}
	h.looks, h.current = h.current, nil
	h.tell("", errors.Join(h.looks...))
	for nic := range h.sends {
		if !slices.ContainsFunc(targets, func(t Target) bool { return t.NIC == nic }) {
			delete(h.sends, nic)
			if h.Notices != nil {
				h.Notices.Forget(nic) // it is not there any more
			}
		}
	}
	h.show()
}

// Sent takes the outcome of sending on an interface.
func (h *Health) Sent(nic string, err error) {
	_, failed := h.sends[nic]
	switch {
	case err == nil && !failed:
		return
	case err == nil:
		delete(h.sends, nic)
	default:
		if h.sends == nil {
			h.sends = map[string]error{}
		}
		h.sends[nic] = fmt.Errorf("send on %s: %w", nic, err)
		h.Log.Limited(logs.BeaconNotSent, h.Means+" "+nic, logs.Err(err), logs.Str("interface", nic), logs.Str("means", h.Means))
	}
	h.tell(nic, h.sends[nic])
	h.show()
}

// tell gives readers of events what is wrong with an interface, or with all.
func (h *Health) tell(nic string, err error) {
	switch {
	case h.Notices == nil:
	case err == nil:
		h.Notices.Up(nic)
	default:
		h.Notices.Down(nic, err)
	}
}

// show lets others see what is wrong.
func (h *Health) show() {
	all := slices.Clone(h.looks)
	for _, nic := range slices.Sorted(maps.Keys(h.sends)) {
		all = append(all, h.sends[nic])
	}
	switch len(all) {
	case 0:
		h.shown.Store(nil)
	case 1:
		h.shown.Store(&all[0])
	default:
		err := errors.Join(all...)
		h.shown.Store(&err)
	}
}

// Problem is what keeps peers from being found, nil when nothing does. It may be called
// from any goroutine.
func (h *Health) Problem() error {
	if err := h.shown.Load(); err != nil {
		return *err
	}
	return nil
}

// why is why no interface is in use: what was asked for, and what there is.
func (c Choice) why(nics []NIC) string {
	var there []string
	for _, n := range nics {
		switch {
		case !n.Has(net.FlagUp):
			there = append(there, n.Name+" (down)")
		case len(n.Prefixes) == 0:
			there = append(there, n.Name+" (no address)")
		case !n.Has(net.FlagBroadcast|net.FlagMulticast) && !n.Has(net.FlagLoopback):
			there = append(there, n.Name+" (neither broadcast nor multicast)")
		default:
			there = append(there, n.Name)
		}
	}
	list := "there is none"
	if len(there) > 0 {
		list = "there are " + strings.Join(there, ", ")
	}
	var asked []string
	for _, s := range c.specs {
		asked = append(asked, s.String())
	}
	if len(asked) > 0 {
		return fmt.Sprintf("%s was asked for, and %s", strings.Join(asked, ", "), list)
	}
	return list + "; on one host only use WithLoopback"
}

// String is the spec as it was given.
func (s spec) String() string {
	switch {
	case s.name != "":
		return s.name
	case s.addr.IsValid():
		return s.addr.String()
	}
	return s.prefix.String()
}
