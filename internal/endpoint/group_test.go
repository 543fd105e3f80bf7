package endpoint

import (
	"errors"
	"fmt"
	"testing"
)

func TestGroups(t *testing.T) {
	for text, want := range map[string]string{
		"epgm://eth0;239.192.1.1:5555":               "[239.192.1.1]",
		"epgm://10.77.0.2;239.192.1.1:5555":          "[239.192.1.1]",
		"pgm://;224.0.0.251,239.255.255.255:5555":    "[224.0.0.251 239.255.255.255]",
		"epgm://239.192.1.1:5555":                    "[239.192.1.1]",
		"epgm://eth0;223.255.255.255:5555":           "",
		"epgm://eth0;239.192.1.1,10.0.0.1:5555":      "",
		"epgm://eth0;group.example.org:5555":         "",
		"epgm://eth0;[ff02::1]:5555":                 "",
		"epgm://eth0;*:5555":                         "",
		"epgm://eth0;239.192.1.1:0":                  "",
		"epgm://eth0;239.192.1.1:*":                  "",
		"epgm://eth0:5;239.192.1.1:5555":             "",
		"epgm://*;239.192.1.1:5555":                  "",
		"epgm://eth0;239.192.1.1,239.192.1.2:*":      "",
		"epgm://eth0;239.192.1.1,239.192.1.300:5555": "",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		bind, connect := e.ForBind(), e.ForConnect()
		if want == "" {
			if !errors.Is(bind, ErrInvalid) || !errors.Is(connect, ErrInvalid) {
				t.Errorf("%s: to bind %v, to connect %v", text, bind, connect)
			}
			continue
		}
		groups, err := e.Groups()
		if got := fmt.Sprint(groups); bind != nil || connect != nil || err != nil || got != want {
			t.Errorf("%s: %s, %v, %v, %v", text, got, bind, connect, err)
		}
	}
	for _, text := range []string{"tcp://127.0.0.1:1", "udp://239.0.0.1:1", "inproc://a"} {
		if e, _ := Parse(text); e.Multicast() {
			t.Errorf("%s is taken for pgm", text)
		}
	}
}
