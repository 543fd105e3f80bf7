package zmq

// WithWSSKey is the private key of a wss server, in PEM. (ZMQ_WSS_KEY_PEM)
func WithWSSKey(pem string) Option { return Option{"WSS_KEY_PEM", pem} }

// WithWSSCert is the certificate of a wss server, in PEM. (ZMQ_WSS_CERT_PEM)
func WithWSSCert(pem string) Option { return Option{"WSS_CERT_PEM", pem} }

// WithWSSTrust has the certificates, in PEM, that a wss client trusts.
// (ZMQ_WSS_TRUST_PEM)
func WithWSSTrust(pem string) Option { return Option{"WSS_TRUST_PEM", pem} }

// WithWSSHostname is the name that a wss server's certificate must have; empty, the
// default: that of the endpoint. (ZMQ_WSS_HOSTNAME)
func WithWSSHostname(name string) Option { return Option{"WSS_HOSTNAME", name} }

// WithWSSTrustSystem lets a wss client trust the system's authorities as well.
// (ZMQ_WSS_TRUST_SYSTEM)
func WithWSSTrustSystem(on bool) Option { return Option{"WSS_TRUST_SYSTEM", on} }
