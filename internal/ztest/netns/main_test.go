//go:build linux

package netns

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var roles = Roles{
	"echo": func() error { _, err := io.Copy(os.Stdout, os.Stdin); return err },
	"deaf": func() error { // does not end with its input
		fmt.Println("READY")
		time.Sleep(time.Hour)
		return nil
	},
}

func TestMain(m *testing.M) {
	roles.Play()
	goleak.VerifyTestMain(m)
}
