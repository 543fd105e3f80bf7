package wire

// Version is the protocol version that the two peers speak.
type Version uint8

// The versions this package speaks, oldest first, so that they can be compared.
const (
	V1  Version = iota + 1 // ZMTP 1.0, with or without a versioned greeting
	V2                     // ZMTP 2.0
	V30                    // ZMTP 3.0
	V31                    // ZMTP 3.1, and whatever comes after it
)

// String returns the version as it is written in the RFCs.
func (v Version) String() string {
	switch v {
	case V1:
		return "1.0"
	case V2:
		return "2.0"
	case V30:
		return "3.0"
	case V31:
		return "3.1"
	}
	return "unknown"
}
