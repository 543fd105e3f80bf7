package queue

import "github.com/go-zactor/zactor/internal/wire"

// PutStored queues a message that was counted before, in ZMTP 2.0 framing whose bytes nobody changes any more:
// large ones are shared by reference. Unlike PutEncoded it also takes one that must
// be sealed, or goes to an inproc peer.
func (p *Pipe) PutStored(enc []byte) (Status, bool) {
	if s, flush := p.PutEncoded(enc, len(enc) > refMin); s != NeedsFrames {
		return s, flush
	}
	frames, _ := decode(enc)
	return p.put(nil, frames, true, true)
}

// Decode cuts a message in ZMTP 2.0 framing; ok is false when it is not one whole
// message. The frames alias p.
func Decode(p []byte) (frames [][]byte, ok bool) {
	if !wellFormed(p) {
		return nil, false
	}
	frames, _ = decode(p)
	return frames, true
}

// Encoded is copies of a batch's messages, each in ZMTP 2.0 framing.
func (b *Batch) Encoded() [][]byte {
	list := make([][]byte, 0, b.N)
	for _, m := range b.Msgs {
		list = append(list, appendMessage(nil, nil, m.Frames))
	}
	for all := behind(b.Iov, 0); len(all) > 0; {
		n := encodedSize(all)
		list = append(list, all[:n:n])
		all = all[n:]
	}
	return list
}

// encodedSize is how many bytes the first message of our own encoding has.
func encodedSize(p []byte) (size int) {
	for more := true; more; {
		flags, head, n := header(p[size:])
		size += head + n
		more = flags&wire.FlagMore != 0
	}
	return size
}

// Logged reports whether the batch comes from a swap, which sends it again by itself
// when it could not be written.
func (b *Batch) Logged() bool { return len(b.logged) > 0 }

// Salvage takes out what waits to be written, before Close.
func (o *Outbox) Salvage() (list [][]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.pending.Logged() {
		return nil
	}
	o.fold()
	o.retire()
	list = o.pending.Encoded()
	o.release(&o.pending)
	o.signalIdle()
	return list
}

// DetachAgain is Detach, and returns the messages that waited as commands.
func (o *Outbox) DetachAgain() (list [][]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.pending.Control {
		if c.Kind == wire.Again {
			list = append(list, c.Data)
		}
	}
	o.detach()
	return list
}

// Urgent queues a command, and says whether there was a connection to take it.
func (o *Outbox) Urgent(c wire.Command) (flush, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ready || o.closed || o.leaving {
		return false, false
	}
	o.pending.Control = append(o.pending.Control, c)
	return o.wantsWriter(), true
}

// Pause lets no writer take anything more, nor another one start; messages wait for
// the next Attach.
func (o *Outbox) Pause() {
	o.mu.Lock()
	o.ready, o.start = false, nil
	o.mu.Unlock()
}
