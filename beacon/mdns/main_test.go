package mdns

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// roles are the parts that this test program plays where a test needs a second process.
var roles = proc.Roles{}

func TestMain(m *testing.M) { roles.Main(m) }
