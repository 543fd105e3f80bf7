package dnssd

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// Domain is where multicast DNS lives.
const Domain = "local."

// enumeration is the name at which a host lists its types of service.
//
// https://www.rfc-editor.org/rfc/rfc6763#section-9
const enumeration = "_services._dns-sd._udp." + Domain

const maxLabel = 63 // bytes, by RFC 1035

// Escape writes one label as miekg/dns reads and writes it, so that a name that
// was made here equals the same name after it has been on the wire.
func Escape(label string) string {
	var b strings.Builder
	for i := range len(label) {
		c := label[i]
		switch {
		case strings.IndexByte(`. '@;()"\`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Unescape is the opposite of Escape, for labels and for TXT strings.
func Unescape(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			b = append(b, c)
			continue
		}
		if i+3 < len(text) && digits(text[i+1:i+4]) {
			b = append(b, byte(int(text[i+1]-'0')*100+int(text[i+2]-'0')*10+int(text[i+3]-'0')))
			i += 3
			continue
		}
		i++
		b = append(b, text[i])
	}
	return string(b)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// fold is the form in which names are compared.
//
// By https://www.rfc-editor.org/rfc/rfc6762#section-16 the letters "a" to "z" match
// "A" to "Z", and no other letters match each other. Bytes above 0x7E are escaped here, so ToLower can't touch
// them.
func fold(name string) string { return strings.ToLower(name) }

// cut splits the first label, unescaped, from the rest of a name.
func cut(name string) (label, rest string) {
	end, last := dns.NextLabel(name, 0)
	if last || end > len(name) {
		return Unescape(strings.TrimSuffix(name, ".")), ""
	}
	return Unescape(name[:end-1]), name[end:]
}

// ParseType turns a type of service as people write it, "_zre._tcp" or
// "_zre._tcp.local.", into its full name. A subtype is "_sub-name._sub._zre._tcp".
func ParseType(text string) (string, error) {
	base := strings.TrimSuffix(strings.TrimSuffix(text, "."), ".local")
	labels := strings.Split(base, ".")
	if len(labels) == 4 && strings.EqualFold(labels[1], "_sub") {
		if err := checkLabel(labels[0]); err != nil {
			return "", fmt.Errorf("service type %q: %w", text, err)
		}
		labels = labels[2:]
		base = Escape(strings.Split(base, ".")[0]) + "._sub." + strings.Join(labels, ".")
	}
	if len(labels) != 2 || !isServiceName(labels[0]) || !isTransport(labels[1]) {
		return "", fmt.Errorf("service type %q: must be like _name._tcp or _name._udp, of 1 to 15 letters, digits and hyphens", text)
	}
	return base + "." + Domain, nil
}

func isTransport(label string) bool {
	return strings.EqualFold(label, "_tcp") || strings.EqualFold(label, "_udp")
}

// isServiceName checks the rules of RFC 6335, section 5.1, but for the letter that
// it demands, which existing names don't all have.
func isServiceName(label string) bool {
	name, ok := strings.CutPrefix(label, "_")
	if !ok || name == "" || len(name) > 15 || name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if !(c >= 'a' && c <= 'z' || name[i] >= '0' && name[i] <= '9' || name[i] == '-') {
			return false
		}
	}
	return true
}

// checkLabel is the rule for names that people see.
//
// https://www.rfc-editor.org/rfc/rfc6763#section-4.1.1: "The <Instance> portion of
// the Service Instance Name is a user-friendly name consisting of arbitrary
// Net-Unicode text [RFC5198]. It MUST NOT contain ASCII control characters".
func checkLabel(label string) error {
	if label == "" || len(label) > maxLabel {
		return fmt.Errorf("name %q has %d bytes: must have 1 to %d", label, len(label), maxLabel)
	}
	if !utf8.ValidString(label) {
		return fmt.Errorf("name %q: must be UTF-8", label)
	}
	for i := range len(label) {
		if label[i] < ' ' || label[i] == 0x7F {
			return fmt.Errorf("name %q: must not contain control characters", label)
		}
	}
	return nil
}

// numbered gives a name that was taken its n-th form: "Node (2)" for people,
// "node-2" for hosts. It cuts the name, not within a letter, so that the number
// fits.
func numbered(label string, n int, format string) string {
	if n < 2 {
		return label
	}
	suffix := fmt.Sprintf(format, n)
	room := maxLabel - len(suffix)
	if len(label) > room {
		for room > 0 && !utf8.RuneStart(label[room]) {
			room--
		}
		label = label[:room]
	}
	return label + suffix
}
