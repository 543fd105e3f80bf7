package mdns_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/beacon/mdns"
)

// A service is announced by multicast DNS and found again. On a network, leave
// WithLoopback and WithPort out: Bonjour and avahi then see it too.
func ExampleBrowse() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	host := []mdns.Option{mdns.WithLoopback(true), mdns.WithPort(5354)}

	announced, err := mdns.Announce(ctx, mdns.Service{
		Instance: "My Node v1.2",
		Type:     "_zre._tcp",
		Port:     5670,
		Text:     map[string]string{"role": "server"},
	}, host...)
	if err != nil {
		log.Fatal(err)
	}
	defer announced.Close()

	b, err := mdns.Browse(ctx, "_zre._tcp", host...)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	for e := range b.Events(ctx) {
		fmt.Println(e.Kind, e.Service.Type, e.Service.Port, e.Service.Text["role"])
		break
	}
	// Output: found _zre._tcp 5670 server
}
