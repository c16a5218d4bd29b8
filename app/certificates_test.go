package app

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/realtest"
	"grapevine/internal/redact"
	"grapevine/mail"
)

// authority is a private CA with its certificates in files.
type authority struct {
	t           *testing.T
	dir         string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.certificate, a.key = a.issue("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.issue("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	a.issue("client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) issue(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	template.SerialNumber, template.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(a.t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(a.t, err)
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "EC PRIVATE KEY", Bytes: private}} {
		require.NoError(a.t, os.WriteFile(a.file(file), pem.EncodeToMemory(block), 0o600))
	}
	certificate, err := x509.ParseCertificate(der)
	require.NoError(a.t, err)
	return certificate, key
}

// proxy listens with TLS, asks for a client certificate if wanted, and hands each connection on to a plain server.
func (a *authority) proxy(upstream string, clients tls.ClientAuthType) (addr string) {
	a.t.Helper()
	pair, err := tls.LoadX509KeyPair(a.file("server.pem"), a.file("server.key"))
	require.NoError(a.t, err)
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: clients, MinVersion: tls.VersionTLS12})
	require.NoError(a.t, err)
	a.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				to, err := net.Dial("tcp", upstream)
				if err != nil {
					return
				}
				go func() { _, _ = io.Copy(to, conn); _ = to.Close() }()
				_, _ = io.Copy(conn, to)
			}()
		}
	}()
	return l.Addr().String()
}

// mailStub speaks as much SMTP as one message needs.
func mailStub(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprint(conn, "220 ready\r\n")
				inData := false
				for s := bufio.NewScanner(conn); s.Scan(); {
					switch line := strings.ToUpper(s.Text()); {
					case inData && line != ".":
						continue
					case line == "DATA":
						inData = true
						fmt.Fprint(conn, "354 go on\r\n")
						continue
					case line == "QUIT":
						fmt.Fprint(conn, "221 bye\r\n")
						return
					}
					inData = false
					fmt.Fprint(conn, "250 ok\r\n")
				}
			}()
		}
	}()
	return l.Addr().String()
}

func hostOf(t *testing.T, uri string) string {
	t.Helper()
	_, rest, _ := strings.Cut(uri, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// Connections to MongoDB, Redis and the mail server trust the private CA and show the client certificate.
func TestCertificatesServeEveryConnection(t *testing.T) {
	t.Parallel()
	env, ca := realtest.New(t), newAuthority(t)
	redisPlain, mongoPlain, mailPlain := hostOf(t, env.RedisURL), hostOf(t, env.MongoURI), mailStub(t)
	redisTLS, mongoTLS, mailTLS := ca.proxy(redisPlain, tls.RequireAndVerifyClientCert), ca.proxy(mongoPlain, tls.RequireAndVerifyClientCert), ca.proxy(mailPlain, tls.RequireAndVerifyClientCert)

	config := func(redisURL, mongoURI, mailURL string) *Config {
		c := defaults(env)
		c.RedisURL, c.MongoURI, c.SMTPURL = redact.URI(redisURL), redact.URI(mongoURI), redact.URI(mailURL)
		return &c
	}
	overTLS := config("rediss://"+redisTLS, "mongodb://"+mongoTLS+"/?directConnection=true&tls=true&serverSelectionTimeoutMS=300", "smtps://"+mailTLS)
	const brief = time.Second // for connections that cannot work
	errorsOf := func(c *Config, limit time.Duration) (redisErr, mongoErr, mailErr error) {
		within := func(do func(context.Context) error) error {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			return do(ctx)
		}
		rdb, err := c.OpenRedis()
		require.NoError(t, err)
		defer rdb.Close()
		redisErr = within(func(ctx context.Context) error { return c.explainRedis(ctx, rdb.Ping(ctx).Err()) })
		if limit == brief && c.CAFile != "" || c.SMTPURL == "" { // these cases are not about MongoDB
			c.MongoURI = redact.URI(env.MongoURI)
		}
		mongoErr = c.WithDatabase(func(db *mongo.Database) error {
			return within(func(ctx context.Context) error { return db.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err() })
		})
		mailer, err := (&App{config: *c, log: slog.New(slog.DiscardHandler)}).mailer()
		require.NoError(t, err)
		return redisErr, mongoErr, within(func(ctx context.Context) error {
			return mailer.Send(ctx, mail.Message{ID: "x", To: "a@example.org", Subject: "s", Text: "t"})
		})
	}

	overTLS.Certificates = Certificates{CAFile: ca.file("ca.pem"), ClientCertFile: ca.file("client.pem"), ClientKeyFile: ca.file("client.key")}
	require.NoError(t, overTLS.Validate())
	redisErr, mongoErr, mailErr := errorsOf(overTLS, patience)
	require.NoError(t, redisErr)
	require.NoError(t, mongoErr)
	require.NoError(t, mailErr)

	withoutClient := *overTLS
	withoutClient.ClientCertFile, withoutClient.ClientKeyFile = "", ""
	redisErr, _, mailErr = errorsOf(&withoutClient, brief)
	require.ErrorContains(t, redisErr, "CLIENT_CERT_FILE")
	require.ErrorContains(t, mailErr, "CLIENT_CERT_FILE")

	withoutCA := *overTLS
	withoutCA.CAFile = ""
	redisErr, mongoErr, mailErr = errorsOf(&withoutCA, brief)
	require.ErrorContains(t, redisErr, "CA_FILE")
	require.ErrorContains(t, mongoErr, "unknown authority")
	require.ErrorContains(t, mailErr, "CA_FILE")

	// The other scheme.
	redisErr, _, mailErr = errorsOf(config("redis://"+redisTLS, env.MongoURI, "smtp://"+mailTLS), brief)
	require.ErrorContains(t, redisErr, "write rediss://")
	require.ErrorContains(t, mailErr, "write smtps://")
	redisErr, _, mailErr = errorsOf(config("rediss://"+redisPlain, env.MongoURI, "smtps://"+mailPlain), brief)
	require.ErrorContains(t, redisErr, "write redis://")
	require.ErrorContains(t, mailErr, "write smtp://")
	redisErr, _, _ = errorsOf(config("redis://127.0.0.1:1", env.MongoURI, ""), brief)
	require.EqualError(t, redisErr, "no Redis answers at 127.0.0.1:1; start it, or correct the address")
}

func TestUnusableCertificatesAreNamed(t *testing.T) {
	ca := newAuthority(t)
	empty := ca.file("empty")
	require.NoError(t, os.WriteFile(empty, []byte("no certificate"), 0o600))
	for want, c := range map[string]Certificates{
		"CA_FILE: open":         {CAFile: ca.file("missing")},
		"holds no certificate":  {CAFile: empty},
		"set it together":       {ClientCertFile: ca.file("client.pem")},
		"CLIENT_CERT_FILE: set": {ClientKeyFile: ca.file("client.key")},
		"CLIENT_KEY_FILE: tls":  {ClientCertFile: ca.file("client.pem"), ClientKeyFile: ca.file("server.key")},
	} {
		connections := Connections{MongoURI: DefaultMongoURI, RedisURL: DefaultRedisURL, Certificates: c}
		require.ErrorContains(t, connections.Validate(), want)
	}
}
