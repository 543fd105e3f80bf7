package zmq4

import "syscall"

// GetMechanism returns the security mechanism.
func (soc *Socket) GetMechanism() (Mechanism, error) {
	k, err := soc.getKeys()
	return k.mechanism, err
}

// GetZapDomain returns what the authenticator is told of this server.
func (soc *Socket) GetZapDomain() (string, error) { return option[string](soc, "ZAP_DOMAIN") }

// SetZapDomain sets what the authenticator is told of this server. (ZMQ_ZAP_DOMAIN)
func (soc *Socket) SetZapDomain(domain string) error { return soc.setOption("ZAP_DOMAIN", domain) }

// GetPlainServer returns 1 for a PLAIN server.
func (soc *Socket) GetPlainServer() (int, error) {
	k, err := soc.getKeys()
	return number(k.mechanism == PLAIN && k.server), err
}

// SetPlainServer makes the socket a PLAIN server: 1 or 0. (ZMQ_PLAIN_SERVER)
func (soc *Socket) SetPlainServer(value int) error { return soc.serve(PLAIN, value) }

// GetPlainUsername returns a PLAIN client's user name.
func (soc *Socket) GetPlainUsername() (string, error) {
	k, err := soc.getKeys()
	return k.user, err
}

// SetPlainUsername makes the socket a PLAIN client. (ZMQ_PLAIN_USERNAME)
func (soc *Socket) SetPlainUsername(username string) error {
	return soc.setPlain(username, func(k *keys) *string { return &k.user })
}

// GetPlainPassword returns a PLAIN client's password.
func (soc *Socket) GetPlainPassword() (string, error) {
	k, err := soc.getKeys()
	return k.password, err
}

// SetPlainPassword makes the socket a PLAIN client. (ZMQ_PLAIN_PASSWORD)
func (soc *Socket) SetPlainPassword(password string) error {
	return soc.setPlain(password, func(k *keys) *string { return &k.password })
}

func (soc *Socket) setPlain(text string, field func(*keys) *string) error {
	if len(text) > 255 {
		return Errno(syscall.EINVAL)
	}
	return soc.setKeys(func(k *keys) {
		k.mechanism, k.server = PLAIN, false
		*field(k) = text
	})
}

// SetCurveServer makes the socket a CURVE server: 1 or 0. (ZMQ_CURVE_SERVER)
func (soc *Socket) SetCurveServer(value int) error { return soc.serve(CURVE, value) }

// serve makes the socket a mechanism's server, or takes that back.
func (soc *Socket) serve(m Mechanism, value int) error {
	if value != 0 && value != 1 {
		return Errno(syscall.EINVAL)
	}
	return soc.setKeys(func(k *keys) {
		k.mechanism, k.server = m, value == 1
		if !k.server {
			k.mechanism = NULL
		}
	})
}

// SetCurvePublickey sets the own public key, in 32 bytes or in Z85. (ZMQ_CURVE_PUBLICKEY)
func (soc *Socket) SetCurvePublickey(key string) error {
	return soc.setKey(key, func(k *keys) *string { return &k.public })
}

// SetCurveSecretkey sets the own secret key, in 32 bytes or in Z85. (ZMQ_CURVE_SECRETKEY)
func (soc *Socket) SetCurveSecretkey(key string) error {
	return soc.setKey(key, func(k *keys) *string { return &k.secret })
}

// SetCurveServerkey makes the socket a CURVE client of the server with a public key, in 32
// bytes or in Z85. (ZMQ_CURVE_SERVERKEY)
func (soc *Socket) SetCurveServerkey(key string) error {
	return soc.setKey(key, func(k *keys) *string { return &k.serverKey })
}

// GetCurvePublickeyRaw returns the own public key in 32 bytes.
func (soc *Socket) GetCurvePublickeyRaw() (string, error) { return raw(soc.GetCurvePublickeykeyZ85()) }

// GetCurvePublickeykeyZ85 returns the own public key in Z85.
func (soc *Socket) GetCurvePublickeykeyZ85() (string, error) {
	k, err := soc.getKeys()
	return k.public, err
}

// GetCurveSecretkeyRaw returns the own secret key in 32 bytes.
func (soc *Socket) GetCurveSecretkeyRaw() (string, error) { return raw(soc.GetCurveSecretkeyZ85()) }

// GetCurveSecretkeyZ85 returns the own secret key in Z85.
func (soc *Socket) GetCurveSecretkeyZ85() (string, error) {
	k, err := soc.getKeys()
	return k.secret, err
}

// GetCurveServerkeyRaw returns the server's public key in 32 bytes.
func (soc *Socket) GetCurveServerkeyRaw() (string, error) { return raw(soc.GetCurveServerkeyZ85()) }

// GetCurveServerkeyZ85 returns the server's public key in Z85.
func (soc *Socket) GetCurveServerkeyZ85() (string, error) {
	k, err := soc.getKeys()
	return k.serverKey, err
}

func raw(z85 string, err error) (string, error) { return Z85decode(z85), err }

// There is no GSSAPI: its options can't be set, and read as they are by default.

// GetGssapiServer returns false.
func (soc *Socket) GetGssapiServer() (bool, error) { return false, nil }

// SetGssapiServer returns EINVAL.
func (soc *Socket) SetGssapiServer(value bool) error { return Errno(syscall.EINVAL) }

// GetGssapiPlaintext returns false.
func (soc *Socket) GetGssapiPlaintext() (bool, error) { return false, nil }

// SetGssapiPlaintext returns EINVAL.
func (soc *Socket) SetGssapiPlaintext(value bool) error { return Errno(syscall.EINVAL) }

// GetGssapiPrincipal returns "".
func (soc *Socket) GetGssapiPrincipal() (string, error) { return "", nil }

// SetGssapiPrincipal returns EINVAL.
func (soc *Socket) SetGssapiPrincipal(value string) error { return Errno(syscall.EINVAL) }

// GetGssapiServicePrincipal returns "".
func (soc *Socket) GetGssapiServicePrincipal() (string, error) { return "", nil }

// SetGssapiServicePrincipal returns EINVAL.
func (soc *Socket) SetGssapiServicePrincipal(value string) error { return Errno(syscall.EINVAL) }
