package lastvalue_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// One value to many subscribers that read all the time.
func BenchmarkPublish(b *testing.B) {
	for _, subscribers := range []int{0, 1, 100} {
		b.Run(fmt.Sprint("subscribers=", subscribers), func(b *testing.B) {
			c, at := serve(b)
			for range subscribers {
				s, err := zmq.NewSub(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Subscribe("k"); err != nil {
					b.Fatal(err)
				}
				if err := s.Connect(at); err != nil {
					b.Fatal(err)
				}
				go func() {
					for _, err := range s.Messages(b.Context()) {
						if err != nil {
							return
						}
					}
				}()
			}
			for c.Stats().Subscribers < subscribers {
				runtime.Gosched()
			}
			m := msg.NewString("k", "12 degrees")
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Publish(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
