package beacon_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

// Two nodes on one host find each other. On a network, leave WithLoopback out.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	hearer, err := beacon.New(ctx, beacon.WithLoopback(true), beacon.WithPort(5671))
	if err != nil {
		log.Fatal(err)
	}
	defer hearer.Close()
	hearer.Subscribe([]byte("NODE/"))
	signals := hearer.Events(ctx)

	speaker, err := beacon.New(ctx, beacon.WithLoopback(true), beacon.WithPort(5671))
	if err != nil {
		log.Fatal(err)
	}
	defer speaker.Close()
	if err := speaker.Publish([]byte("NODE/1"), time.Second); err != nil {
		log.Fatal(err)
	}

	for s := range signals {
		fmt.Printf("%s says %s\n", s.From.Addr(), s.Data)
		break
	}
	// Output: 127.0.0.1 says NODE/1
}

// A ZRE node says who it is and on which TCP port its mailbox listens, and with
// port 0 that it leaves.
func ExampleZRE() {
	hello := beacon.ZRE{UUID: [16]byte{0xCA, 0xFE}, Port: 49152}
	wire := hello.Append(nil)
	fmt.Printf("%x\n", wire)

	z, err := beacon.ParseZRE(wire)
	fmt.Println(z.Port, z.Leaving(), err)

	z.Port = 0
	z, _ = beacon.ParseZRE(z.Append(nil))
	fmt.Println(z.Leaving())
	// Output:
	// 5a524501cafe0000000000000000000000000000c000
	// 49152 false <nil>
	// true
}
