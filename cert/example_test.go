package cert_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/go-zactor/zactor/cert"
)

// Make a certificate, save both of its files, and load it again.
func Example() {
	dir, err := os.MkdirTemp("", "cert")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	c, err := cert.New()
	if err != nil {
		log.Fatal(err)
	}
	if err := c.SetMeta("name", "camera 7"); err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "camera.txt")
	if err := c.Save(path); err != nil {
		log.Fatal(err)
	}

	loaded, err := cert.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	name, _ := loaded.Meta("name")
	fmt.Println(name, loaded.Equal(c), loaded.HasSecret(), loaded.SecretKey())
	// Output: camera 7 true true [redacted]
}

// A directory whose certificates are trusted: a file that is dropped there lets
// its owner in, and deleting it shuts him out, while the program runs.
func ExampleNewDirStore() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := cert.NewDirStore(context.Background(), dir, cert.WithPoll(10*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	changes := make(chan cert.Change, 10)
	defer store.OnChange(func(c cert.Change) { changes <- c })()

	client, err := cert.New()
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "client.txt")
	if err := client.SavePublic(path); err != nil {
		log.Fatal(err)
	}
	fmt.Println("added:", len((<-changes).Added))
	_, trusted := store.Lookup(client.Public())
	fmt.Println("trusted:", trusted)

	if err := os.Remove(path); err != nil {
		log.Fatal(err)
	}
	fmt.Println("removed:", len((<-changes).Removed))
	_, trusted = store.Lookup(client.Public())
	fmt.Println("trusted:", trusted)
	// Output:
	// added: 1
	// trusted: true
	// removed: 1
	// trusted: false
}

func ExampleEncodeZ85() {
	text, err := cert.EncodeZ85([]byte{0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B})
	fmt.Println(text, err)
	_, err = cert.DecodeZ85("#####")
	fmt.Println(err)
	// Output:
	// HelloWorld <nil>
	// cert: invalid Z85: group above 2^32-1 at offset 0
}
