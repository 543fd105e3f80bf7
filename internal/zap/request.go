package zap

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-zactor/zactor/internal/wire"
)

const version = "1.0"

// maxText bounds the texts of a request. RFC 27: "All string fields are at most
// 255 characters".
const maxText = 255

// Request asks about one peer.
type Request struct {
	ID          []byte // comes back in the reply
	Domain      string // of the server socket that asks
	Address     string // of the peer, without port
	RoutingID   []byte // the server socket's own, as libzmq has it
	Mechanism   string // "NULL", "PLAIN", "CURVE" or "GSSAPI"
	Credentials [][]byte
}

// CredentialFrames returns the credentials as the frames of a request.
func CredentialFrames(c wire.Credentials) [][]byte {
	switch c.Mechanism {
	case "PLAIN":
		return [][]byte{c.Username, c.Password}
	case "CURVE":
		return [][]byte{c.PublicKey}
	}
	return nil
}

// Delimit puts the empty delimiter in front of frames that came without it.
func Delimit(frames [][]byte) [][]byte {
	return append([][]byte{{}}, frames...)
}

// Encode returns the frames of the request, the delimiter first.
func (r Request) Encode() [][]byte {
	frames := [][]byte{
		{}, []byte(version), r.ID, []byte(r.Domain), []byte(r.Address), r.RoutingID, []byte(r.Mechanism),
	}
	return append(frames, r.Credentials...)
}

// The places of the frames in a request.
const (
	requestVersion = iota + 1
	requestID
	requestDomain
	requestAddress
	requestRoutingID
	requestMechanism
	requestCredentials
)

// ParseRequest reads a request. A mechanism that RFC 27 does not know is left to
// the authenticator. ID, RoutingID and Credentials alias the frames.
func ParseRequest(frames [][]byte) (Request, error) {
	switch {
	case len(frames) < requestCredentials:
		return Request{}, fmt.Errorf("%w: %d frames, want at least %d", ErrRequest, len(frames), requestCredentials)
	case len(frames[0]) != 0:
		return Request{}, fmt.Errorf("%w: no empty delimiter", ErrRequest)
	case string(frames[requestVersion]) != version:
		return Request{}, fmt.Errorf("%w: version %s, want %s", ErrRequest, wire.Quote(frames[requestVersion]), version)
	}
	if err := checkTexts(frames[requestDomain:requestCredentials]); err != nil {
		return Request{}, err
	}
	r := Request{
		ID:          frames[requestID],
		Domain:      string(frames[requestDomain]),
		Address:     string(frames[requestAddress]),
		RoutingID:   frames[requestRoutingID],
		Mechanism:   string(frames[requestMechanism]),
		Credentials: frames[requestCredentials:len(frames):len(frames)],
	}
	return r, r.checkCredentials()
}

func checkTexts(texts [][]byte) error {
	for _, text := range texts {
		if len(text) > maxText {
			return fmt.Errorf("%w: text of %d bytes, the limit is %d", ErrRequest, len(text), maxText)
		}
	}
	return nil
}

// checkCredentials checks that the credentials are those of the mechanism.
func (r *Request) checkCredentials() error {
	want := -1
	switch r.Mechanism {
	case "NULL":
		want = 0
	case "PLAIN":
		want = 2
	case "CURVE", "GSSAPI":
		want = 1
	}
	switch {
	case want >= 0 && len(r.Credentials) != want:
		return fmt.Errorf("%w: %d credentials for %s, want %d", ErrRequest, len(r.Credentials), r.Mechanism, want)
	case r.Mechanism == "PLAIN":
		return checkTexts(r.Credentials)
	case r.Mechanism == "CURVE" && len(r.Credentials[0]) != 32:
		return fmt.Errorf("%w: CURVE key of %d bytes, want 32", ErrRequest, len(r.Credentials[0]))
	}
	return nil
}

// String describes the request without its credentials.
func (r Request) String() string {
	return fmt.Sprintf("ZAP request %x: %s from %s to domain %s",
		r.ID, wire.Quote([]byte(r.Mechanism)), wire.Quote([]byte(r.Address)), wire.Quote([]byte(r.Domain)))
}

// Format prints String for every verb, because %x and %#v would print the fields.
func (r Request) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// MarshalJSON returns String as a JSON string.
func (r Request) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// LogValue returns String for log/slog.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }
