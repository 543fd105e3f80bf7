package zmq_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// Counters say all of themselves, alone as well as within the Stats of a socket: a line
// has each that is not zero, and JSON and log/slog have each with its name, so that
// encoding/json reads back what was there.
func TestCountersSayAllOfThemselves(t *testing.T) {
	for _, counters := range []fmt.Stringer{zmq.Drops{}, zmq.HandshakeFailures{}, zmq.ProxySide{}, zmq.ProxyStats{}} {
		t.Run(reflect.TypeOf(counters).Name(), func(t *testing.T) {
			if s := counters.String(); s != "nothing yet" {
				t.Errorf("of zeros: %q", s)
			}
			v := reflect.New(reflect.TypeOf(counters)).Elem()
			n := countUp(v, 1000)
			if n == 1000 {
				t.Fatal("it has no counters")
			}
			line := v.Interface().(fmt.Stringer).String()
			for i := uint64(1001); i <= n; i++ {
				if strings.Count(line, fmt.Sprintf("=%d", i)) != 1 {
					t.Errorf("%d is not once in %q", i, line)
				}
			}
			text, err := json.Marshal(v.Interface())
			if err != nil {
				t.Fatal(err)
			}
			back := reflect.New(v.Type())
			if err := json.Unmarshal(text, back.Interface()); err != nil || !reflect.DeepEqual(back.Elem().Interface(), v.Interface()) {
				t.Errorf("%s was read back as %+v: %v", text, back.Elem().Interface(), err)
			}
			var out bytes.Buffer
			slog.New(slog.NewJSONHandler(&out, nil)).Info("", "counters", v.Interface())
			var logged struct{ Counters json.RawMessage }
			if err := json.Unmarshal(out.Bytes(), &logged); err != nil || string(logged.Counters) != string(text) {
				t.Errorf("logged %s, as JSON %s: %v", logged.Counters, text, err)
			}
		})
	}
}

// countUp gives each counter a number of its own, from n+1 on.
func countUp(v reflect.Value, n uint64) uint64 {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			n = countUp(v.Field(i), n)
		}
	case reflect.Uint64:
		n++
		v.SetUint(n)
	}
	return n
}
