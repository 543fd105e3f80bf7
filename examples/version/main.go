// Version prints the version of the library, and the versions of the protocol that
// it, and whoever else is asked, speaks. The peer may be on any implementation of
// ZeroMQ: the greeting with which every connection begins says it.
//
//	go run ./examples/version
//	go run ./examples/version 192.0.2.7:5555
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

func main() {
	rep := must(zmq.NewRep(context.Background()))
	defer rep.Close()
	own := must(rep.Bind("tcp://127.0.0.1:*"))
	fmt.Printf("zactor %s, ZMTP %s\n", library(), protocol(strings.TrimPrefix(own, "tcp://")))
	for _, address := range os.Args[1:] {
		fmt.Printf("%s: ZMTP %s\n", address, protocol(address))
	}
}

// library is the version of this module that the program was built with.
func library() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "github.com/go-zactor/zactor" && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}

// protocol greets a peer and reads the version in the greeting it answers with: two
// bytes behind the ten of the signature, as RFC 23 says.
func protocol(address string) string {
	c := must(net.DialTimeout("tcp", address, 5*time.Second))
	defer c.Close()
	check(c.SetDeadline(time.Now().Add(5 * time.Second)))
	hello := make([]byte, 64) // ZMTP 3.1, mechanism NULL, a client
	hello[0], hello[9], hello[10], hello[11] = 0xff, 0x7f, 3, 1
	copy(hello[12:], "NULL")
	must(c.Write(hello))
	answer := make([]byte, 12)
	must(io.ReadFull(c, answer))
	return fmt.Sprintf("%d.%d", answer[10], answer[11])
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
