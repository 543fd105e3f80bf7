package majordomo

import (
	"container/list"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// core is what a broker knows and decides. It has no clock and no socket.
type core struct {
	c    *config
	send func(to string, frames [][]byte) bool // false: it is gone, or has no room
	tell func(Event)

	services map[string]*service
	workers  map[string]*worker
	clients  map[string]*client // that have a request open
	stats    *BrokerStats
}

// service is a name that has workers or requests.
type service struct {
	name  string
	queue list.List // of *request, the oldest first
	idle  list.List // of *worker, the one that has rested longest first
	all   int       // workers, with the busy ones
}

type worker struct {
	address string
	service *service
	busy    *request
	rests   *list.Element // in service.idle
	heard   time.Time
	spoken  time.Time // when it was last sent something
}

// client is where answers go. It is known while a request of it is open.
type client struct {
	address string
	open    map[*request]struct{}
	bytes   int64
	gone    bool
}

type request struct {
	client    *client
	service   *service
	place     *list.Element // in service.queue; nil while a worker has it
	body      [][]byte
	size      int64
	since     time.Time
	delivered int
	begun     bool // a part of the answer has been handed on
	torn      bool // a part of the answer could not be
}

func newCore(c *config, stats *BrokerStats, send func(string, [][]byte) bool, tell func(Event)) *core {
	return &core{
		c: c, stats: stats, send: send, tell: tell,
		services: map[string]*service{}, workers: map[string]*worker{}, clients: map[string]*client{},
	}
}

// handle takes a message of a ROUTER: who sent it, and what.
func (k *core) handle(now time.Time, frames [][]byte) {
	from := string(frames[0])
	if len(frames) == 2 && len(frames[1]) == 0 { // the socket says that the connection has ended
		k.left(now, from)
		return
	}
	if len(frames) < 3 {
		k.malformed(now, from, "%d frames", len(frames)-1)
		return
	}
	head, cmd, rest := string(frames[1]), string(frames[2]), frames[3:]
	switch head {
	case clientHeader:
		k.fromClient(now, from, cmd, rest)
	case workerHeader:
		k.fromWorker(now, from, cmd, rest)
	default:
		k.malformed(now, from, "header %.20q", head)
	}
}

// malformed drops a message, and the worker that it came from.
func (k *core) malformed(now time.Time, from, format string, args ...any) {
	k.stats.Malformed++
	err := fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
	k.tell(Event{Kind: Malformed, Peer: id(from), Err: err})
	if w := k.workers[from]; w != nil {
		k.lose(now, w, err)
	}
}

// left is the end of a connection.
func (k *core) left(now time.Time, from string) {
	if w := k.workers[from]; w != nil {
		k.lose(now, w, ErrGone)
	}
	if c := k.clients[from]; c != nil {
		c.gone = true
		for r := range c.open {
			if r.place != nil {
				k.dequeue(r)
				k.drop(r.service.name, r, ErrGone)
				k.forget(r.service)
			}
		}
		delete(k.clients, from) // what workers have in hand knows it
	}
}

func (k *core) fromClient(now time.Time, from, cmd string, rest [][]byte) {
	if cmd != clientRequest || len(rest) < 2 || !validName(string(rest[0])) {
		k.malformed(now, from, "client command %.20q of %d frames", cmd, len(rest)+2)
		return
	}
	name, body := string(rest[0]), rest[1:]
	k.stats.Requests++
	if strings.HasPrefix(name, mmiPrefix) {
		k.answer(from, name, clientFinal, [][]byte{[]byte(k.mmi(name, body))})
		return
	}
	c := k.clients[from]
	if c == nil {
		c = &client{address: from, open: map[*request]struct{}{}}
	}
	r := &request{client: c, body: body, size: sizeOf(body), since: now}
	if !k.fits(r) {
		k.drop(name, r, ErrFull)
		return
	}
	k.clients[from] = c
	c.open[r] = struct{}{}
	c.bytes += r.size
	k.stats.Bytes += r.size
	r.service = k.service(name)
	r.place = r.service.queue.PushBack(r)
	k.stats.Queued++
	k.dispatch(now, r.service)
}

// dequeue takes a request out of its queue.
func (k *core) dequeue(r *request) {
	r.service.queue.Remove(r.place)
	r.place = nil
	k.stats.Queued--
}

// fits reports whether the bounds let a request in. One client may have a quarter.
func (k *core) fits(r *request) bool {
	open := k.stats.Queued + k.stats.Busy
	return open < k.c.requests && len(r.client.open) < max(1, k.c.requests/4) &&
		k.stats.Bytes+r.size <= k.c.bytes && r.client.bytes+r.size <= max(1, k.c.bytes/4)
}

func validName(name string) bool { return name != "" && len(name) <= maxName }

// mmi is what the broker says of itself.
func (k *core) mmi(name string, body [][]byte) string {
	if name != mmiService {
		return mmiUnsupported
	}
	if s := k.services[string(body[0])]; s != nil && s.all > 0 {
		return mmiFound
	}
	return mmiNotFound
}

// service finds or makes a service.
func (k *core) service(name string) *service {
	s := k.services[name]
	if s == nil {
		s = &service{name: name}
		k.services[name] = s
		k.stats.Services++
	}
	return s
}

// forget removes a service of which nothing is left.
func (k *core) forget(s *service) {
	if s.all == 0 && s.queue.Len() == 0 && k.services[s.name] == s {
		delete(k.services, s.name)
		k.stats.Services--
	}
}

func (k *core) fromWorker(now time.Time, from, cmd string, rest [][]byte) {
	w := k.workers[from]
	if w != nil {
		w.heard = now
	}
	switch {
	case cmd == workerReady && len(rest) == 1 && w == nil:
		k.ready(now, from, string(rest[0]))
	case cmd == workerHeartbeat && len(rest) == 0 && w != nil:
	case cmd == workerDisconnect && len(rest) == 0:
		if w != nil {
			k.lose(now, w, ErrGone)
		}
	case (cmd == workerPartial || cmd == workerFinal) && len(rest) >= 3 && w.has(rest[0]) && len(rest[1]) == 0:
		k.reply(now, w, cmd, rest[2:])
	case len(cmd) != 1 || cmd < workerReady || cmd > workerDisconnect || cmd == workerRequest:
		k.malformed(now, from, "worker command %.20q", cmd)
	default:
		// "The broker MUST respond to any valid but unexpected command by sending
		// DISCONNECT": so a worker learns that the broker has been restarted.
		k.sendAway(now, from, fmt.Errorf("%w: unexpected command %q", ErrProtocol, cmd))
	}
}

// has reports whether a worker has a request of that client in hand.
func (w *worker) has(address []byte) bool {
	return w != nil && w.busy != nil && w.busy.client.address == string(address)
}

func (k *core) ready(now time.Time, from, name string) {
	if !validName(name) || strings.HasPrefix(name, mmiPrefix) {
		k.sendAway(now, from, fmt.Errorf("%w: service %.40q", ErrProtocol, name))
		return
	}
	w := &worker{address: from, service: k.service(name), heard: now, spoken: now}
	k.workers[from] = w
	k.stats.Workers++
	w.service.all++
	k.tell(Event{Kind: WorkerReady, Service: name, Peer: id(from)})
	k.rest(now, w)
}

// rest lets a worker wait for the next request of its service.
func (k *core) rest(now time.Time, w *worker) {
	w.rests = w.service.idle.PushBack(w)
	k.dispatch(now, w.service)
}

// dispatch hands requests to workers, as long as there are both.
func (k *core) dispatch(now time.Time, s *service) {
	for s.queue.Len() > 0 && s.idle.Len() > 0 {
		r := s.queue.Front().Value.(*request)
		k.dequeue(r)
		w := s.idle.Remove(s.idle.Front()).(*worker)
		w.rests, w.busy, w.spoken = nil, r, now
		k.stats.Busy++
		r.delivered++
		if !k.send(w.address, command(cloned(r.body), workerHeader, workerRequest, r.client.address, "")) {
			r.delivered-- // it never had it
			k.lose(now, w, ErrGone)
		}
	}
	k.forget(s)
}

// cloned copies a body: what is sent belongs to the socket, and this may be sent again.
func cloned(body [][]byte) [][]byte {
	all := make([][]byte, len(body))
	for i, f := range body {
		all[i] = append([]byte{}, f...)
	}
	return all
}

// reply hands a part of an answer on. After one that the client has no room for nothing
// more comes: an answer with a hole looks whole.
func (k *core) reply(now time.Time, w *worker, cmd string, body [][]byte) {
	r := w.busy
	to := clientPartial
	if cmd == workerFinal {
		to = clientFinal
	}
	switch {
	case r.torn || r.client.gone:
	case k.answer(r.client.address, w.service.name, to, body):
		r.begun = true
	default:
		r.torn = true
		k.stats.Dropped++
		k.tell(Event{Kind: Dropped, Service: w.service.name, Peer: id(r.client.address), Err: fmt.Errorf("%w: the client takes no answer", ErrGone)})
	}
	if cmd == workerFinal {
		w.busy = nil
		k.stats.Busy--
		k.close(r)
		k.rest(now, w)
	}
}

// answer sends a client something, and counts it.
func (k *core) answer(to, service, cmd string, body [][]byte) bool {
	if !k.send(to, command(body, clientHeader, cmd, service)) {
		return false
	}
	if cmd == clientFinal {
		k.stats.Answers++
	} else {
		k.stats.Partials++
	}
	return true
}

// close is the end of a request that was let in.
func (k *core) close(r *request) {
	c := r.client
	k.stats.Bytes -= r.size
	c.bytes -= r.size
	if delete(c.open, r); len(c.open) == 0 && k.clients[c.address] == c {
		delete(k.clients, c.address)
	}
}

// drop gives a request up.
func (k *core) drop(service string, r *request, why error) {
	k.stats.Dropped++
	k.tell(Event{Kind: Dropped, Service: service, Peer: id(r.client.address), Err: why})
	if why != ErrFull {
		k.close(r)
	}
}

// sendAway tells a worker to begin anew, and forgets it.
func (k *core) sendAway(now time.Time, from string, why error) {
	k.send(from, command(nil, workerHeader, workerDisconnect))
	if w := k.workers[from]; w != nil {
		k.lose(now, w, why)
	}
}

// lose forgets a worker. Its request goes to another one, as the first of all, unless a
// part of the answer is out.
func (k *core) lose(now time.Time, w *worker, why error) {
	s, r := w.service, w.busy
	delete(k.workers, w.address)
	s.all--
	k.stats.Workers--
	k.stats.WorkersLost++
	if w.rests != nil {
		s.idle.Remove(w.rests)
	}
	k.tell(Event{Kind: WorkerLost, Service: s.name, Peer: id(w.address), Err: why})
	if r == nil {
		k.forget(s)
		return
	}
	w.busy = nil
	k.stats.Busy--
	switch {
	case r.client.gone:
		k.drop(s.name, r, ErrGone)
	case r.begun || r.torn || r.delivered >= k.c.delivered:
		k.drop(s.name, r, ErrWorkers)
	default:
		if r.delivered > 0 {
			k.stats.Redelivered++
			k.tell(Event{Kind: Redelivered, Service: s.name, Peer: id(r.client.address), Err: why})
		}
		r.place = s.queue.PushFront(r)
		k.stats.Queued++
	}
	k.dispatch(now, s)
}

// tick sends heartbeats, and gives up who is silent and what waits for too long.
func (k *core) tick(now time.Time) {
	for _, w := range k.workers {
		switch {
		case now.Sub(w.heard) >= k.c.heartbeat*time.Duration(k.c.liveness):
			k.lose(now, w, ErrSilent)
		case now.Sub(w.spoken) >= k.c.heartbeat:
			w.spoken = now
			k.send(w.address, command(nil, workerHeader, workerHeartbeat))
		}
	}
	for _, s := range k.services {
		for e := s.queue.Front(); e != nil && now.Sub(e.Value.(*request).since) >= k.c.expiry; e = s.queue.Front() {
			r := e.Value.(*request)
			k.dequeue(r)
			k.drop(s.name, r, ErrExpired)
		}
		k.forget(s)
	}
}

// end sends every worker away, and gives up every request. It returns how many farewells
// are on their way.
func (k *core) end() (farewells int) {
	for _, w := range k.workers {
		if k.send(w.address, command(nil, workerHeader, workerDisconnect)) {
			farewells++
		}
		if w.busy != nil {
			k.drop(w.service.name, w.busy, ErrEnded)
		}
	}
	for _, s := range k.services {
		for e := s.queue.Front(); e != nil; e = e.Next() {
			k.drop(s.name, e.Value.(*request), ErrEnded)
		}
	}
	k.stats.Workers, k.stats.Busy, k.stats.Services, k.stats.Queued, k.stats.Bytes = 0, 0, 0, 0, 0
	return farewells
}

// id is a routing id as it is shown.
func id(address string) string { return hex.EncodeToString([]byte(address)) }
