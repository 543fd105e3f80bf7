package zmqtest

import (
	"net"
	"sync"
)

// listener is a bound endpoint.
type listener struct {
	net      *Network
	endpoint string
	queue    chan *Conn
	done     chan struct{}
	once     sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close gives the endpoint up; connections that nobody has accepted are reset.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.net.mu.Lock()
		delete(l.net.bound, l.endpoint)
		l.net.mu.Unlock()
		close(l.done)
		for {
			select {
			case c := <-l.queue:
				c.link.reset()
				continue
			default:
			}
			return
		}
	})
	return nil
}

func (l *listener) Addr() net.Addr { return addr(l.endpoint) }
