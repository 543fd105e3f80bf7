package zmq_test

import (
	"flag"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// Most tests wait for a peer, and not for a processor: a machine with two of them
// runs more than two tests at once.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", atOnce)
	}
	proc.Main(m, stranger)
}
