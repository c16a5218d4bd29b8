// Package tlsx tells why a connection over TLS does not work.
package tlsx

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"
)

const probeTimeout = time.Second

// Speaks reports whether the server at addr answers a TLS handshake. known is false if it accepts no connection.
func Speaks(ctx context.Context, network, addr string) (speaks, known bool) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return false, false
	}
	defer conn.Close()
	probe := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // nothing is sent, the handshake only shows whether this is TLS
	err = probe.HandshakeContext(ctx)
	if alert := tls.AlertError(0); errors.As(err, &alert) {
		return true, true // the server refuses this handshake in the language of TLS
	}
	return err == nil, true
}

// Remedy says what to set if err tells of a certificate that was refused, and is empty otherwise. Drivers pass on the
// texts of crypto/tls, but not always its types.
func Remedy(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	for _, known := range []struct{ text, remedy string }{
		{"certificate signed by unknown authority", "its certificate is not from a CA that this system knows; set CA_FILE to the CA's certificate"},
		{"certificate is not trusted", "its certificate is not from a CA that this system knows; set CA_FILE to the CA's certificate"}, // macOS
		{"certificate required", "it asks for a client certificate; set CLIENT_CERT_FILE and CLIENT_KEY_FILE"},
		{"bad certificate", "it refuses the client certificate; check CLIENT_CERT_FILE and CLIENT_KEY_FILE"},
		{"unknown certificate authority", "it does not know the CA of the client certificate; check CLIENT_CERT_FILE"},
		{"certificate has expired", "its certificate has expired, or the clock of this machine is wrong"},
		{"certificate is valid for", "its certificate is for another name; write the name of the certificate in the address"},
		{"doesn't contain any IP SANs", "its certificate is for a name; write the name of the certificate in the address"},
	} {
		if strings.Contains(text, known.text) {
			return known.remedy
		}
	}
	return ""
}
