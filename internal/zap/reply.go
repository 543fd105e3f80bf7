package zap

import (
	"bytes"

	"github.com/go-zactor/zactor/internal/wire"
)

// The status codes of RFC 27; there are no others.
const (
	StatusSuccess = "200"
	StatusRetry   = "300" // temporary: the peer may try again
	StatusDenied  = "400" // final
	StatusError   = "500" // of the authenticator
)

// Reply is the authenticator's word about one peer.
type Reply struct {
	ID       []byte // of the request
	Status   string
	Text     string // for people
	UserID   string
	Metadata []wire.Property // about the peer, by the authenticator
}

// The places of the frames in a reply.
const (
	replyVersion = iota + 1
	replyID
	replyStatus
	replyText
	replyUserID
	replyMetadata
	replyFrames
)

// Encode returns the frames of the reply, the delimiter first.
func (r Reply) Encode() [][]byte {
	return [][]byte{
		{}, []byte(version), r.ID, []byte(r.Status), []byte(r.Text), []byte(r.UserID),
		wire.AppendMetadata([]byte{}, r.Metadata),
	}
}

// Decide is the gate: the one place where an answer becomes a permission. Only
// the status "200" in a reply that is sound in all its parts, to the request with
// the id, allows. Everything else is the zero Decision or a refusal.
func Decide(frames [][]byte, wantID []byte) (wire.Decision, Reply, error) {
	r, err := ParseReply(frames, wantID)
	if err != nil {
		return wire.Decision{}, Reply{}, err
	}
	return wire.Decision{Allow: r.Status == StatusSuccess, Status: r.Status}, r, nil
}

// ParseReply reads the reply to the request with the id. Its errors are of the
// type *wire.ProtocolError, with the codes of this package. ID and the values of
// Metadata alias the frames.
func ParseReply(frames [][]byte, wantID []byte) (Reply, error) {
	switch {
	case len(frames) != replyFrames:
		return Reply{}, bad(CodeMalformedReply, "ZAP reply of %d frames, want %d", len(frames), replyFrames)
	case len(frames[0]) != 0:
		return Reply{}, bad(CodeMalformedReply, "ZAP reply without an empty delimiter")
	case string(frames[replyVersion]) != version:
		return Reply{}, bad(CodeBadVersion, "ZAP reply of version %s, want %s", wire.Quote(frames[replyVersion]), version)
	case !bytes.Equal(frames[replyID], wantID):
		return Reply{}, bad(CodeBadRequestID, "ZAP reply to request %s, want %s", wire.Quote(frames[replyID]), wire.Quote(wantID))
	case !isStatus(string(frames[replyStatus])):
		return Reply{}, bad(CodeInvalidStatus, "ZAP reply with status %s", wire.Quote(frames[replyStatus]))
	}
	metadata, err := wire.ParseMetadata(frames[replyMetadata])
	if err != nil {
		return Reply{}, bad(CodeInvalidMetadata, "ZAP reply with bad metadata: %v", err)
	}
	return Reply{
		ID:       frames[replyID],
		Status:   string(frames[replyStatus]),
		Text:     string(frames[replyText]),
		UserID:   string(frames[replyUserID]),
		Metadata: metadata,
	}, nil
}

func isStatus(s string) bool {
	switch s {
	case StatusSuccess, StatusRetry, StatusDenied, StatusError:
		return true
	}
	return false
}
