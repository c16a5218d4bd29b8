package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// Certificates are further certificates for connections over TLS to MongoDB, Redis and the mail server.
type Certificates struct {
	CAFile         string `name:"ca-file" env:"CA_FILE" placeholder:"FILE" help:"PEM file with the certificates of private CAs. MongoDB, Redis and the mail server may use them, besides the CAs of the system."`
	ClientCertFile string `env:"CLIENT_CERT_FILE" placeholder:"FILE" help:"PEM file with the certificate that this instance shows to MongoDB, Redis and the mail server when they ask for one."`
	ClientKeyFile  string `env:"CLIENT_KEY_FILE" placeholder:"FILE" help:"PEM file with the key of CLIENT_CERT_FILE, without a passphrase."`
}

// Apply adds the certificates to a configuration, and keeps what the URI of the server has set itself.
func (c Certificates) apply(config *tls.Config) error {
	if c.CAFile != "" && config.RootCAs == nil {
		pool, err := c.pool()
		if err != nil {
			return err
		}
		config.RootCAs = pool
	}
	if c.ClientCertFile != "" && len(config.Certificates) == 0 {
		// The files are read for each connection: a renewed certificate needs no restart.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.client() }
	}
	return nil
}

// validate is the error of files that cannot be used.
func (c Certificates) validate() (errs []error) {
	if c.CAFile != "" {
		if _, err := c.pool(); err != nil {
			errs = append(errs, err)
		}
	}
	switch {
	case c.ClientCertFile == "" && c.ClientKeyFile == "":
	case c.ClientCertFile == "" || c.ClientKeyFile == "":
		errs = append(errs, errors.New("CLIENT_CERT_FILE: set it together with CLIENT_KEY_FILE"))
	default:
		if _, err := c.client(); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (c Certificates) pool() (*x509.CertPool, error) {
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("CA_FILE: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA_FILE: %s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", c.CAFile)
	}
	return pool, nil
}

func (c Certificates) client() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.ClientCertFile, c.ClientKeyFile)
	if err != nil {
		return nil, fmt.Errorf("CLIENT_CERT_FILE and CLIENT_KEY_FILE: %w", err)
	}
	return &pair, nil
}
