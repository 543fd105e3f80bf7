package zmq_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// stranger is what the test binary does as another process: a PULL that prints, or a
// crowd.
func stranger() {
	if os.Args[1] == "crowd" {
		rawCrowd(os.Args[2:])
		return
	}
	if os.Args[1] == "starved" {
		starvedServer(os.Args[2])
		return
	}
	scheme, endpoint, certPEM, server := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	var opts []zmq.Option
	switch scheme {
	case "requeue":
		opts = append(opts, zmq.WithRequeue(true))
	case "wss":
		opts = append(opts, zmq.WithWSSTrust(certPEM))
	case "curve":
		own, err := cert.New()
		if err != nil {
			panic(err)
		}
		opts = append(opts, zmq.WithCurveClient(own, server))
	}
	s, err := zmq.NewPull(context.Background(), opts...)
	if err != nil {
		panic(err)
	}
	if err := s.Connect(endpoint); err != nil {
		panic(err)
	}
	for {
		m, err := s.Recv(context.Background())
		if err != nil {
			panic(err)
		}
		fmt.Println(string(m.Frames[0]))
	}
}

// numbered is a message that begins with its number.
func numbered(n, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, uint32(n))
	return b
}
