package edge

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOriginForm(t *testing.T) {
	for target, want := range map[string]string{
		"/contacts?x=%63#":                "",
		"/contacts":                       "/contacts",
		"/%63ontacts?q=%63":               "/contacts?q=%63",
		"/%63%6F%6e%74acts":               "/contacts",
		"/contacts%2f1":                   "/contacts%2F1",
		"/contacts%252F1":                 "/contacts%252F1",
		"/%7e%2E%5f%2d":                   "/~._-",
		"/%00%0a":                         "/%00%0A",
		"/?":                              "/?",
		"//a//b":                          "//a//b",
		"*":                               "*",
		"http://app.example":              "/",
		"http://app.example?q=a/b":        "/?q=a/b",
		"HTTPS://APP.example/%63?x":       "/c?x",
		"http://app.example:80/":          "",
		"http://evil.example/":            "",
		"http://app.example@evil/":        "",
		"http://user@app.example/":        "",
		"http:///contacts":                "",
		"ftp://app.example/":              "",
		"app.example:443":                 "",
		"/%":                              "",
		"/%6":                             "",
		"/%zz":                            "",
		"/a%2":                            "",
		"contacts":                        "",
		"/contacts?to=http://evil.test/x": "/contacts?to=http://evil.test/x",
	} {
		got, fault := OriginForm(target, "app.example")
		require.Equal(t, want == "", fault != "", "%s: %s", target, fault)
		if want != "" {
			require.Equal(t, want, got, target)
		}
	}
}

func TestIsOddPath(t *testing.T) {
	for path, want := range map[string]bool{
		"/": false, "/a": false, "/a/": false, "/a/b.c/..d": false, "": false, "*": false, "/...": false, "/%2F": false,
		"//": true, "//a": true, "/a//b": true, "/./a": true, "/a/.": true, "/a/../b": true, "/..": true, "/a//": true,
	} {
		require.Equal(t, want, IsOddPath(path), path)
	}
}

func FuzzOriginForm(f *testing.F) {
	f.Add("/%63ontacts/%2F?x=%", "app.example")
	f.Fuzz(func(t *testing.T, target, host string) {
		path, fault := OriginForm(target, host)
		if fault != "" {
			return
		}
		again, fault := OriginForm(path, host)
		require.Empty(t, fault)
		require.Equal(t, path, again)
	})
}
