package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
	"github.com/go-zactor/zactor/msg"
)

// Entry is a message with what was known when it came.
type Entry struct {
	Time time.Time
	Peer string // its address; empty where it is not known
	User string // as the authenticator calls it
	Msg  msg.Msg
}

// Of is a message that has just come.
func Of(m msg.Msg) Entry {
	p := m.Peer()
	return Entry{Time: time.Now().UTC(), Peer: p.RemoteAddr, User: p.UserID, Msg: m}
}

// head is what stands in a line before the message.
type head struct {
	Time time.Time `json:"time"`
	Peer string    `json:"peer,omitempty"`
	User string    `json:"user,omitempty"`
}

// Writer writes entries.
type Writer struct {
	w    *bufio.Writer
	line []byte
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: bufio.NewWriterSize(w, 64<<10)} }

// Write writes an entry. Flush makes sure that it is there.
func (w *Writer) Write(e Entry) error {
	start, err := json.Marshal(head{e.Time, e.Peer, e.User})
	if err != nil {
		return err
	}
	w.line = append(w.line[:0], start[:len(start)-1]...)
	at := len(w.line)
	w.line = form.JSON.Append(w.line, e.Msg)
	w.line[at] = ',' // instead of the brace that opens the message
	_, err = w.w.Write(w.line)
	return err
}

// Flush writes what is still in memory.
func (w *Writer) Flush() error { return w.w.Flush() }

// ErrTorn says that the last line of a file is not whole.
var ErrTorn = errors.New("the last message is cut off")

// Reader reads entries.
type Reader struct {
	r    *bufio.Reader
	line int
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader { return &Reader{r: bufio.NewReaderSize(r, 64<<10)} }

// Next returns the next entry; at the end io.EOF, or ErrTorn.
func (r *Reader) Next() (e Entry, err error) {
	line, err := r.r.ReadBytes('\n')
	switch {
	case err == io.EOF && len(line) > 0:
		return e, ErrTorn
	case err != nil:
		return e, err
	}
	r.line++
	if e, err = parse(bytes.TrimSpace(line)); err != nil {
		return e, cli.Failed("zactor capture FILE writes such files", "line %d is no captured message: %w", r.line, err)
	}
	return e, nil
}

func parse(line []byte) (e Entry, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return e, err
	}
	var h head
	if err := json.Unmarshal(line, &h); err != nil {
		return e, err
	}
	if h.Time.IsZero() {
		return e, errors.New("it has no time")
	}
	for _, name := range []string{"time", "peer", "user"} {
		delete(fields, name)
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return e, err
	}
	e = Entry{Time: h.Time, Peer: h.Peer, User: h.User}
	e.Msg, err = form.JSON.Parse(rest)
	return e, err
}
