//go:build fault

package fault

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/accounts"
	"grapevine/internal/servers"
)

// tlsProxies are the examples of docs/security.md, by the language of their block. wrap makes a whole configuration of
// one, on a port of loopback and with the certificate in dir.
var tlsProxies = map[string]struct {
	program string
	wrap    func(example, dir, port, instance string) string
	args    func(dir, config string) []string
}{
	"nginx": {"nginx", func(example, dir, port, instance string) string {
		example = strings.NewReplacer("listen 443", "listen 127.0.0.1:"+port, "/etc/ssl/crm", dir+"/crm", "127.0.0.1:8080", instance).Replace(example)
		return fmt.Sprintf(`daemon off;
master_process off; # a worker would outlive a master that is killed
pid %[1]s/pid;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
%[2]s}
`, dir, example)
	}, func(dir, config string) []string { return []string{"-e", dir + "/error.log", "-c", config} }},
	"caddyfile": {"caddy", func(example, dir, port, instance string) string {
		site := "crm.example.test:" + port + " {\n\tbind 127.0.0.1\n\ttls " + dir + "/crm.pem " + dir + "/crm.key"
		example = strings.NewReplacer("crm.example.test {", site, "127.0.0.1:8080", instance).Replace(example)
		return "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + example
	}, func(_, config string) []string { return []string{"run", "--config", config, "--adapter", "caddyfile"} }},
}

// The two examples of docs/security.md work as they are written: the cookie is for https only, and a sign-in, a write and a
// socket pass.
func TestSignInBehindAProxyWithTLS(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/security.md")
	require.NoError(t, err)
	c := newCluster(t, 1, plan{instances: -1})
	for language, p := range tlsProxies {
		t.Run(p.program, func(t *testing.T) {
			example := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
			require.NotNil(t, example, "docs/security.md has no block %s", language)
			port, err := servers.FreePort()
			require.NoError(t, err)
			dir := t.TempDir()
			roots := selfSigned(t, dir)
			origin := fmt.Sprintf("https://crm.example.test:%d", port)
			i := c.startInstance("AUTH=on", "INSECURE=", "PUBLIC_URL="+origin, "TRUSTED_PROXIES=127.0.0.1")
			config := filepath.Join(dir, "config")
			require.NoError(t, os.WriteFile(config, []byte(p.wrap(string(example[1]), dir, fmt.Sprint(port), i.addr)), 0o600))
			path, err := exec.LookPath(p.program)
			require.NoError(t, err, "install %s", p.program)
			process, err := servers.Start(p.program, path, p.args(dir, config), filepath.Join(dir, "log"))
			require.NoError(t, err)
			t.Cleanup(process.Kill)
			newTLSVisitor(t, origin, fmt.Sprintf("127.0.0.1:%d", port), roots).visit(c, i)
		})
	}
}

// tlsVisitor is a browser that finds crm.example.test at the proxy.
type tlsVisitor struct {
	t      *testing.T
	origin string
	http   *http.Client
	socket websocket.Dialer
}

func newTLSVisitor(t *testing.T, origin, proxy string, roots *x509.CertPool) *tlsVisitor {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, proxy)
	}
	settings := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12} // the transport changes it
	transport := &http.Transport{DialContext: dial, TLSClientConfig: settings, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &tlsVisitor{t, origin, &http.Client{Transport: transport, Timeout: 10 * time.Second}, websocket.Dialer{NetDialContext: dial, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
}

// tlsAnswer is what the visitor got.
type tlsAnswer struct {
	status int
	header http.Header
	body   string
}

// do sends a request. header is name, value, name, value….
func (v *tlsVisitor) do(method, path, body string, header ...string) (tlsAnswer, error) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.origin+path, strings.NewReader(body))
	require.NoError(v.t, err)
	request.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(header); n += 2 {
		request.Header.Set(header[n], header[n+1])
	}
	answer, err := v.http.Do(request)
	if err != nil {
		return tlsAnswer{}, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return tlsAnswer{answer.StatusCode, answer.Header, string(content)}, err
}

func (v *tlsVisitor) must(status int, method, path, body string, header ...string) tlsAnswer {
	v.t.Helper()
	answer, err := v.do(method, path, body, header...)
	require.NoError(v.t, err)
	require.Equal(v.t, status, answer.status, "%s %s: %s", method, path, answer.body)
	return answer
}

func (v *tlsVisitor) visit(c *cluster, i *instance) {
	t := v.t
	c.eventually(20*time.Second, "the instance is ready behind the proxy", func() bool {
		answer, err := v.do(http.MethodGet, "/readyz", "")
		return err == nil && answer.status == http.StatusOK
	})
	user := accounts.In(t, c.db).User("default:editor")
	v.must(http.StatusUnauthorized, http.MethodGet, "/contacts", "")
	credentials, err := json.Marshal(map[string]string{"email": user.Email, "password": accounts.Password})
	require.NoError(t, err)
	v.must(http.StatusForbidden, http.MethodPost, "/session", string(credentials), "Origin", "https://elsewhere.example.test")
	// A client can make up any header. None of them changes the cookie.
	signedIn := v.must(http.StatusCreated, http.MethodPost, "/session", string(credentials), "Origin", v.origin, "X-Forwarded-Proto", "http", "X-Forwarded-Host", "elsewhere.example.test")
	require.Contains(t, signedIn.header.Get("Strict-Transport-Security"), "max-age=")
	secret := v.secretOf(signedIn)

	cookie := []string{"Cookie", "__Host-session=" + secret, "Origin", v.origin}
	v.must(http.StatusOK, http.MethodGet, "/session", "", cookie...)
	v.must(http.StatusUnauthorized, http.MethodGet, "/contacts", "", "Cookie", "session="+secret)
	socket, answer, err := v.socket.DialContext(t.Context(), strings.Replace(v.origin, "https", "wss", 1)+"/ws/contacts", http.Header{"Cookie": {cookie[1]}, "Origin": {v.origin}})
	require.NoError(t, err)
	_ = answer.Body.Close()
	defer socket.Close()
	require.NoError(t, socket.WriteMessage(websocket.TextMessage, []byte(`{"op":"join","ref":"1","room":"workspace:default"}`)))
	v.until(socket, `"op":"ack"`)
	v.must(http.StatusCreated, http.MethodPost, "/contacts", `{"firstName":"Ada"}`, cookie...)
	v.until(socket, `"event":"contact:created"`)
	v.must(http.StatusNoContent, http.MethodDelete, "/session", "", cookie...)
	v.until(socket, "4401")
	direct, _, _ := i.get("/contacts")
	require.Equal(t, http.StatusForbidden, direct, "the instance answers the Host of PUBLIC_URL only")
}

// secretOf is the secret in the cookie, which is for https and this host only.
func (v *tlsVisitor) secretOf(signedIn tlsAnswer) string {
	v.t.Helper()
	for _, cookie := range (&http.Response{Header: signedIn.header}).Cookies() {
		if cookie.Name == "__Host-session" {
			require.True(v.t, cookie.Secure && cookie.HttpOnly && cookie.Path == "/" && cookie.Domain == "" && cookie.SameSite == http.SameSiteLaxMode, cookie.Raw)
			return cookie.Value
		}
	}
	require.FailNow(v.t, "there is no cookie __Host-session", signedIn.header["Set-Cookie"])
	return ""
}

// until reads the socket until a frame, or the error of its end, holds a text.
func (v *tlsVisitor) until(socket *websocket.Conn, text string) {
	v.t.Helper()
	require.NoError(v.t, socket.SetReadDeadline(time.Now().Add(20*time.Second)))
	for {
		_, frame, err := socket.ReadMessage()
		if err != nil {
			require.ErrorContains(v.t, err, text)
			return
		}
		if strings.Contains(string(frame), text) {
			return
		}
	}
}

// selfSigned writes crm.pem and crm.key into dir, and returns what trusts them.
func selfSigned(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "crm.example.test"}, DNSNames: []string{"crm.example.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "crm.pem"), certificate, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "crm.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(certificate))
	return roots
}
