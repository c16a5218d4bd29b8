package app

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../" + file)
	require.NoError(t, err)
	return string(text)
}

// namedTest matches a test as the docs name it: `folder/file_test.go: TestName`.
var namedTest = regexp.MustCompile("`([a-zA-Z0-9_/]+_test\\.go): ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)`")

// Every test that the docs name exists, with this name in this file.
func TestTestsNamedInThePagesExist(t *testing.T) {
	for _, page := range []string{"README.md", "docs/failures.md", "docs/guarantees.md", "docs/security.md"} {
		text := read(t, page)
		found := namedTest.FindAllStringSubmatch(text, -1)
		require.GreaterOrEqual(t, len(found), 3, page)
		for _, test := range found {
			file, name := test[1], test[2]
			source, err := os.ReadFile(path.Join("..", file))
			require.NoError(t, err, "%s names %s", page, file)
			require.Contains(t, string(source), "\nfunc "+name+"(", "%s: %s has no %s", page, file, name)
		}
		// A test in another form would not be checked.
		require.Len(t, found, strings.Count(text, "_test.go: "), "%s names a test in another form", page)
	}
}

// docs/failures.md has each of the 78 failures once, with a test or the reason why there is none.
func TestEveryFailureIsOnThePage(t *testing.T) {
	text := read(t, "docs/failures.md")
	for n := 1; n <= 78; n++ {
		rows := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %d \| (.+) \| (.+) \|$`, n)).FindAllStringSubmatch(text, -1)
		require.Len(t, rows, 1, "failure %d", n)
		shown := rows[0][2]
		require.True(t, namedTest.MatchString(shown) || strings.HasPrefix(shown, "Does not apply: "), "failure %d: %s", n, shown)
	}
	require.NotRegexp(t, `(?m)^\| (79|8\d|9\d|0) \|`, text)
}

// Every test of internal/fault is named in failures.md or guarantees.md.
func TestEveryFaultIsOnAPage(t *testing.T) {
	pages := read(t, "docs/failures.md") + read(t, "docs/guarantees.md")
	faults := 0
	for file := range goFiles(t) {
		if !strings.HasPrefix(file, "internal/fault/") {
			continue
		}
		for _, test := range regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(t \*testing\.T\)`).FindAllStringSubmatch(read(t, file), -1) {
			faults++
			require.Contains(t, pages, "`"+file+": "+test[1]+"`")
		}
	}
	require.Greater(t, faults, 30)
}

// A link or a path in backticks that a page names exists.
func TestPathsNamedInThePagesExist(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	paths := regexp.MustCompile("`((?:[a-z0-9_.-]+/)*[a-z0-9_-]+\\.(?:go|js|lua|json|css|md|ts))`")
	pages := []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/guarantees.md", "docs/failures.md"}
	named := 0
	for _, page := range pages {
		text := read(t, page)
		for _, found := range links.FindAllStringSubmatch(text, -1) {
			named++
			_, err := os.Stat(path.Join("..", path.Dir(page), found[1]))
			require.NoError(t, err, page)
		}
		for _, found := range paths.FindAllStringSubmatch(text, -1) {
			named++
			_, err := os.Stat(path.Join("..", found[1]))
			require.NoError(t, err, page)
		}
	}
	require.Greater(t, named, 30)
}
