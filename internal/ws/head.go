package ws

import (
	"bufio"
	"bytes"
	"io"
	"net/textproto"
	"strings"

	"github.com/go-zactor/zactor/internal/wire"
)

const (
	// maxHead bounds the request or the response, with all header fields.
	maxHead = 8 << 10
	// headRead is how much of it is read at a time.
	headRead = 1 << 10
)

// head is an HTTP request or response without a body.
type head struct {
	line   string
	fields textproto.MIMEHeader
}

// readHead reads the head of a message that begins with the given word. rest is what
// the peer has sent after it. A peer that speaks something else is found out by its
// first bytes, and not waited for.
func readHead(r io.Reader, begin string) (h head, rest []byte, err error) {
	var text []byte
	p := make([]byte, headRead)
	for {
		n, err := r.Read(p[:min(len(p), maxHead-len(text))])
		text = append(text, p[:n]...)
		if k := min(len(text), len(begin)); string(text[:k]) != begin[:k] {
			return head{}, nil, refused("the peer began with %s, where %q was due", wire.Quote(text[:min(len(text), 16)]), begin)
		}
		if head, rest, ok := bytes.Cut(text, []byte("\r\n\r\n")); ok {
			h, err := parseHead(head)
			return h, rest, err
		}
		switch {
		case len(text) == maxHead:
			return head{}, nil, fail("431 Request Header Fields Too Large", "head of more than %d bytes", maxHead)
		case err == io.EOF:
			return head{}, nil, io.ErrUnexpectedEOF
		case err != nil:
			return head{}, nil, err
		}
	}
}

func parseHead(text []byte) (h head, err error) {
	r := textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(text), strings.NewReader("\r\n\r\n"))))
	if h.line, err = r.ReadLine(); err != nil {
		return h, refused("head without a line")
	}
	if h.fields, err = r.ReadMIMEHeader(); err != nil {
		return h, refused("header fields: %s", wire.Quote([]byte(err.Error())))
	}
	return h, nil
}

// has reports whether a field has a token, in whatever case.
func (h head) has(field, token string) bool {
	for _, t := range h.list(field) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// list are the parts of a field that is a list.
func (h head) list(field string) (all []string) {
	for _, v := range h.fields.Values(field) {
		for _, t := range strings.Split(v, ",") {
			all = append(all, strings.TrimSpace(t))
		}
	}
	return all
}
