package wire

import "slices"

// compatible says which socket types each type talks to. The relation is
// symmetric. STREAM and DGRAM have no row: they do not speak ZMTP.
var compatible = map[string][]string{
	"PAIR":   {"PAIR"},
	"PUB":    {"SUB", "XSUB"},
	"SUB":    {"PUB", "XPUB"},
	"XPUB":   {"SUB", "XSUB"},
	"XSUB":   {"PUB", "XPUB"},
	"REQ":    {"REP", "ROUTER"},
	"REP":    {"REQ", "DEALER"},
	"DEALER": {"REP", "DEALER", "ROUTER"},
	"ROUTER": {"REQ", "DEALER", "ROUTER"},
	"PULL":   {"PUSH"},
	"PUSH":   {"PULL"},

	// Draft types of ZMTP 3.1.
	"SERVER":  {"CLIENT"},
	"CLIENT":  {"SERVER"},
	"RADIO":   {"DISH"},
	"DISH":    {"RADIO"},
	"GATHER":  {"SCATTER"},
	"SCATTER": {"GATHER"},
	"PEER":    {"PEER"},
	"CHANNEL": {"CHANNEL"},
}

// Compatible reports whether sockets of the types a and b talk to each other.
func Compatible(a, b string) bool {
	return slices.Contains(compatible[a], b)
}

// typeCodes are the socket types in the greeting of ZMTP 2.0, by their number.
var typeCodes = []string{
	"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB",
}

// typeCode returns the number of a socket type. A type younger than ZMTP 2.0 has
// none, and gets a number that no peer of that time can know.
func typeCode(socketType string) byte {
	if i := slices.Index(typeCodes, socketType); i >= 0 {
		return byte(i)
	}
	return 0xFF
}

// typeOfCode returns the socket type for a number, or "".
func typeOfCode(code byte) string {
	if int(code) < len(typeCodes) {
		return typeCodes[code]
	}
	return ""
}

// sendsIdentity reports whether a socket type tells its peers its routing id, and
// is believed.
func sendsIdentity(socketType string) bool {
	switch socketType {
	case "REQ", "DEALER", "ROUTER":
		return true
	}
	return false
}
