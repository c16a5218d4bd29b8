package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSignInIsOnUnlessSomebodyInsists(t *testing.T) {
	for _, args := range [][]string{
		{"serve"},
		{"serve", "--auth=on"},
		{"serve", "--addr=0.0.0.0:8080", "--public-url=https://crm.example.test"},
		{"serve", "--addr=0.0.0.0:8080", "--public-url=http://localhost:8080"},
		{"serve", "--addr=0.0.0.0:8080", "--public-url=http://crm.example.test", "--insecure"},
		{"dev", "--auth=on"},
	} {
		cli, err := parse(t, args...)
		require.NoError(t, err, args)
		require.Equal(t, "on", authOf(cli, args), args)
	}
	for _, args := range [][]string{{"serve", "--auth=off", "--insecure"}, {"serve", "--auth=off", "--insecure", "--addr=0.0.0.0:8080"}, {"dev"}, {"dev", "--addr=[::1]:0"}} {
		cli, err := parse(t, args...)
		require.NoError(t, err, args)
		require.Equal(t, "off", authOf(cli, args), args)
	}
}

func authOf(cli *commands, args []string) string {
	if args[0] == "dev" {
		return cli.Dev.Auth
	}
	return cli.Serve.Auth
}

// Each error names the setting and how to mend it.
func TestBadSettingOfSignInIsNamed(t *testing.T) {
	const https = "--public-url=https://crm.example.test"
	for _, c := range []struct {
		setting, mend string
		args          []string
	}{
		{"AUTH", "on", []string{"serve", "--auth=magic"}},
		{"AUTH", "on", []string{"serve", "--auth=OFF", "--insecure"}},
		{"AUTH", "on", []string{"serve", "--auth=true"}},
		{"AUTH", "on", []string{"dev", "--auth=none"}},
		{"AUTH", "--insecure", []string{"serve", "--auth=off"}},
		{"AUTH", "--insecure", []string{"serve", "--auth=off", "--addr=0.0.0.0:8080"}},
		{"ADDR", "serve", []string{"dev", "--addr=0.0.0.0:8080"}},
		{"ADDR", "serve", []string{"dev", "--addr=0.0.0.0:8080", "--insecure"}},
		{"ADDR", "serve", []string{"dev", "--addr=:8080", "--auth=on", https}},
		{"TRUSTED_PROXIES", "serve", []string{"dev", "--trusted-proxies=10.0.0.1"}},
		{"PUBLIC_URL", "https://contacts.example.org", []string{"serve", "--addr=0.0.0.0:8080"}},
		{"PUBLIC_URL", "https", []string{"serve", "--public-url=http://crm.example.test"}},
		{"PUBLIC_URL", "host of its own", []string{"serve", "--public-url=https://crm.example.test/app"}},
		{"ORIGINS", "PUBLIC_URL", []string{"serve", "--origins=https://crm.example.test"}},
		{"ORIGINS", "PUBLIC_URL", []string{"dev", "--auth=on", "--origins=*"}},
		{"ALLOWED_HOSTS", "PUBLIC_URL", []string{"serve", https, "--allowed-hosts=crm.example.test"}},
		{"ADMIN_EMAIL", "ADMIN_PASSWORD_FILE", []string{"serve", "--admin-password-file=/dev/null"}},
		{"ADMIN_PASSWORD_FILE", "ADMIN_EMAIL", []string{"serve", "--admin-email=ada@example.org"}},
		{"ADMIN_PASSWORD_FILE", "no such file", []string{"serve", "--admin-email=ada@example.org", "--admin-password-file=/nowhere"}},
		{"ADMIN_PASSWORD_FILE", "is empty", []string{"serve", "--admin-email=ada@example.org", "--admin-password-file=/dev/null"}},
		{"OIDC_CLIENT_ID", "OIDC_ISSUER", []string{"serve", "--oidc-client-id=x"}},
		{"OIDC_CLIENT_SECRET", "OIDC_ISSUER", []string{"serve", "--oidc-client-secret=x"}},
		{"OIDC_DOMAINS", "OIDC_ISSUER", []string{"serve", "--oidc-domains=example.org"}},
		{"OIDC_CLIENT_ID", "set it", []string{"serve", "--oidc-issuer=https://login.example.org"}},
		{"OIDC_ISSUER", "https", []string{"serve", "--oidc-issuer=http://login.example.org", "--oidc-client-id=x"}},
		{"OIDC_DOMAINS", "example.org", []string{"serve", "--oidc-issuer=https://login.example.org", "--oidc-client-id=x", "--oidc-domains=@example.org"}},
	} {
		_, err := parse(t, c.args...)
		require.ErrorContains(t, err, c.setting+": ", "%v", c.args)
		require.ErrorContains(t, err, c.mend, "%v", c.args)
	}
}

// A browser compares the origin letter by letter, so it is kept as a browser writes it.
func TestPublicURLIsKeptAsBrowsersWriteIt(t *testing.T) {
	for given, want := range map[string]string{
		"https://crm.example.test":       "https://crm.example.test",
		"HTTPS://CRM.Example.Test:443/":  "https://crm.example.test",
		"https://crm.example.test:8443":  "https://crm.example.test:8443",
		"https://crm.example.test:08443": "https://crm.example.test:8443",
		"https://bücher.example":         "https://xn--bcher-kva.example",
		"http://localhost:80":            "http://localhost",
		"http://127.0.0.1:8080":          "http://127.0.0.1:8080",
		"http://[0:0:0:0:0:0:0:1]:8080":  "http://[::1]:8080",
		"https://192.0.2.1":              "https://192.0.2.1",
		//nolint:gocritic // blanks and quotes around a value are what this line is about
		" \"https://crm.example.test\" \n": "https://crm.example.test",
	} {
		t.Setenv("PUBLIC_URL", given)
		cli, err := parse(t, "serve")
		require.NoError(t, err, given)
		require.Equal(t, want, cli.Serve.PublicURL, given)
	}
	for _, given := range []string{
		"crm.example.test", "crm.example.test:443", "https://", "https:///x", "ftp://crm.example.test", "https://crm.example.test/app", "https://crm.example.test?x",
		"https://crm.example.test?", "https://crm.example.test#", "https://ada:secret@crm.example.test", "https://crm.example.test:0", "https://crm.example.test:99999",
		"https://*.example.test", "https://a b.test", "https://crm.example.test.", "https://2130706433", "https://1.2.3", "https://0x7f000001",
		"https://[fe80::1%25eth0]", "https://crm.example.test, https://b.test", "javascript:alert(1)", "null",
	} {
		t.Setenv("PUBLIC_URL", given)
		_, err := parse(t, "serve")
		require.ErrorContains(t, err, "PUBLIC_URL: ", given)
		require.NotContains(t, err.Error(), "secret", given)
	}
}

// What is in the file is the password, with its blanks.
func TestPasswordOfTheAdminIsReadAsTyped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	write := func(text string) error {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := parse(t, "serve", "--admin-email=ada@example.org", "--admin-password-file="+file)
		return err
	}
	for _, good := range []string{"correct horse battery\n", " 0123456789 ", "\ufeffcorrect horse battery\r\n", "éééééééééééé"} {
		require.NoError(t, write(good), "%q", good)
	}
	for bad, want := range map[string]string{
		"short\n": "12 characters", "ada@example.org": "e-mail", "two\nlines of text": "one line", "zero\x00 zero zero": "one line", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff": "UTF-8",
		strings.Repeat("x", 5000): "too large", strings.Repeat("x", 129): "128",
	} {
		err := write(bad)
		require.ErrorContains(t, err, "ADMIN_PASSWORD_FILE: ")
		require.ErrorContains(t, err, want)
	}
}

func TestSecretOfTheClientIsReadFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte("correct horse\n"), 0o600))
	t.Setenv("OIDC_CLIENT_SECRET_FILE", file)
	cli, err := parse(t, "serve", "--oidc-issuer=https://login.example.org", "--oidc-client-id=x", "--oidc-domains= example.org, example.com")
	require.NoError(t, err)
	require.Equal(t, "correct horse", cli.Serve.OIDCClientSecret.Reveal())
	require.Equal(t, []string{"example.org", "example.com"}, cli.Serve.OIDCDomains)
}

// JOBS_READ_ONLY became the default. Its opposite is JOBS_WRITABLE.
func TestDashboardOfJobsIsReadOnlyUnlessAskedFor(t *testing.T) {
	t.Setenv("JOBS_READ_ONLY", "false")
	cli, err := parse(t, "serve")
	require.NoError(t, err)
	require.False(t, cli.Serve.JobsWritable)
	cli, err = parse(t, "serve", "--jobs-writable")
	require.NoError(t, err)
	require.True(t, cli.Serve.JobsWritable)
}
