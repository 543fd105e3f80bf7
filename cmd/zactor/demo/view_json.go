package demo

import (
	"encoding/json"
	"io"
	"time"
)

// jsonView prints one object per line. Each has a "type": event, roster, invite or
// summary.
type jsonView struct{ out *json.Encoder }

func newJSONView(out io.Writer) *jsonView {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false) // so that a command in it can be read
	return &jsonView{out: e}
}

// line is what every line begins with.
type line struct {
	Type string  `json:"type"`
	MS   float64 `json:"ms,omitempty"` // since the demo began
}

func (v *jsonView) interval() time.Duration { return time.Second }

func (v *jsonView) event(at time.Duration, e event) {
	v.out.Encode(struct {
		line
		event
	}{line{"event", millis(at)}, e})
}

func (v *jsonView) roster(at time.Duration, rows []row) {
	v.out.Encode(struct {
		line
		Rows []row `json:"rows"`
	}{line{"roster", millis(at)}, rows})
}

func (v *jsonView) invite(command string) {
	v.out.Encode(struct {
		line
		Command string `json:"command"`
	}{line{Type: "invite"}, command})
}

func (v *jsonView) summary(s Summary) {
	v.out.Encode(struct {
		line
		Summary
	}{line{Type: "summary"}, s})
}
