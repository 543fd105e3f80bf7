package majordomo_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/pattern/majordomo"
)

func TestMain(m *testing.M) { proc.Main(m, program) }

// beats are short, so that who stands still is taken for lost soon.
var beats = majordomo.WithHeartbeat(100*time.Millisecond, 5)

// program is a broker or a worker of its own: "broker ENDPOINT" or "worker ENDPOINT".
func program() {
	var err error
	switch os.Args[1] {
	case "broker":
		var b *majordomo.Broker
		if b, err = majordomo.NewBroker(majordomo.WithBind(os.Args[2]), beats); err == nil {
			fmt.Println("ready")
			err = b.Run(context.Background())
		}
	case "worker":
		var w *majordomo.Worker
		if w, err = majordomo.NewWorker(os.Args[2], "upper", upper, beats); err == nil {
			fmt.Println("ready")
			err = w.Run(context.Background())
		}
	}
	fmt.Println(err)
	os.Exit(1)
}
