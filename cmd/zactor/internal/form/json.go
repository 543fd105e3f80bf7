package form

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/go-zactor/zactor/msg"
)

// object is a message in JSON.
type object struct {
	Group     string   `json:"group,omitempty"`
	RoutingID uint32   `json:"routing_id,omitempty"`
	Frames    [][]byte `json:"frames"`
}

// appendJSON writes the fields in one order, so that a message has one text.
func appendJSON(dst []byte, m msg.Msg) []byte {
	dst = append(dst, '{')
	if g := m.Group(); g != "" {
		dst = append(appendFrameJSON(append(dst, `"group":`...), []byte(g)), ',')
	}
	if id := m.RoutingID(); id != 0 {
		dst = fmt.Appendf(dst, `"routing_id":%d,`, id)
	}
	dst = append(dst, `"frames":[`...)
	for i, frame := range m.Frames {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFrameJSON(dst, frame)
	}
	return append(dst, "]}\n"...)
}

func appendFrameJSON(dst, frame []byte) []byte {
	if !utf8.Valid(frame) {
		return append(hex.AppendEncode(append(dst, `{"hex":"`...), frame), `"}`...)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(string(frame)) // a string always can be
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
}

// UnmarshalJSON takes an object, a list of frames, or one frame.
func (o *object) UnmarshalJSON(data []byte) error {
	var fields struct {
		Group     string
		RoutingID uint32 `json:"routing_id"`
		Frames    []frame
		Hex       *string
	}
	switch {
	case data[0] == '[':
		if err := json.Unmarshal(data, &fields.Frames); err != nil {
			return err
		}
	case data[0] == '{':
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&fields); err != nil {
			return err
		}
	}
	if data[0] == '"' || fields.Hex != nil {
		fields.Frames = make([]frame, 1)
		if err := json.Unmarshal(data, &fields.Frames[0]); err != nil {
			return err
		}
	}
	o.Group, o.RoutingID = fields.Group, fields.RoutingID
	for _, f := range fields.Frames {
		o.Frames = append(o.Frames, f)
	}
	return nil
}

// frame is text, or {"hex": digits}.
type frame []byte

func (f *frame) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		var text string
		err := json.Unmarshal(data, &text)
		*f = frame(text)
		return err
	}
	var bytes struct{ Hex string }
	if err := json.Unmarshal(data, &bytes); err != nil {
		return err
	}
	decoded, err := hex.DecodeString(bytes.Hex)
	*f = decoded
	return err
}

func parseJSON(line []byte) (msg.Msg, error) {
	var o object
	if err := json.Unmarshal(line, &o); err != nil {
		return msg.Msg{}, fmt.Errorf(`%q: must be {"frames":["text",{"hex":"00ff"}]}, a list of frames, or one string: %w`, clip(line), err)
	}
	if len(o.Frames) == 0 {
		return msg.Msg{}, fmt.Errorf("%q: it has no frame", clip(line))
	}
	m := msg.New(o.Frames...)
	if o.Group != "" {
		m.SetGroup(o.Group)
	}
	if o.RoutingID != 0 {
		m.SetRoutingID(o.RoutingID)
	}
	return m, nil
}
