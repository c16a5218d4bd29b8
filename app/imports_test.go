package app

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport is the table of imports: what each folder may import of this module. Packages below internal/
// know nothing of the product, and every folder may import them. Only internal/servers, which starts
// servers, has rows of its own.
var mayImport = map[string][]string{
	"":               {},
	"api":            {"", "transfer", "imports"},
	"imports":        {"", "derived", "transfer", "transfer/record", "transfer/tables"},
	"store":          {"", "derived"},
	"watcher":        {""},
	"cache":          {"", "cache/rollback"},
	"cache/rollback": {""},
	"events":         {""},
	"ws":             {"", "events"},
	"ledger":         {""},
	"dataversion":    {""},
	"derived":        {""},
	"mail":           {""},
	"jobs":           {"", "ledger", "mail", "jobs/asynqx"},
	"jobs/asynqx":    {},
	"forms":          {"", "derived"},
	"web":            {""},
	"seed":           {""},
	"app":            {"", "api", "store", "watcher", "cache", "events", "ws", "forms", "imports", "ledger", "dataversion", "mail", "jobs", "web"},
	"cmd/grapevine":  {"", "app", "imports", "seed", "store", "transfer", "watcher", "dataversion", "internal/servers"},

	"transfer":                   {"", "transfer/record", "transfer/tables", "transfer/vcards"},
	"transfer/record":            {""},
	"transfer/record/recordtest": {"", "transfer/record"},
	"transfer/tables":            {"", "transfer/record"},
	"transfer/vcards":            {"", "transfer/record", "transfer/vcard"},
	"transfer/vcard":             {},
}

func TestFoldersImportOnlyWhatTheyMay(t *testing.T) {
	seen := map[string]bool{}
	for file, imports := range goFiles(t) {
		folder := path.Dir(file)
		if folder == "." {
			folder = ""
		}
		seen[folder] = true
		allowed, known := mayImport[folder]
		switch {
		case strings.HasSuffix(file, "_test.go"):
			continue // a test may use any package
		case strings.HasPrefix(folder, "internal"):
			for _, imported := range imports {
				require.True(t, strings.HasPrefix(imported, "internal/"), "%s imports %q: internal knows nothing of the product", file, imported)
			}
			continue
		}
		require.True(t, known, "folder %q is not in the table", folder)
		for _, imported := range imports {
			if strings.HasPrefix(imported, "internal/") && imported != "internal/servers" {
				continue // internal packages know nothing of the product, so anyone may use them
			}
			require.Contains(t, allowed, imported, "%s may not import it", file)
		}
	}
	for folder := range mayImport {
		require.True(t, seen[folder], "there is no folder %q", folder)
	}
}

// Only store writes contacts. Other packages may read or watch the collection.
func TestOnlyStoreWritesContacts(t *testing.T) {
	writing := []string{"InsertOne", "InsertMany", "UpdateOne", "UpdateMany", "UpdateByID", "ReplaceOne", "DeleteOne", "DeleteMany", "FindOneAnd", "BulkWrite"}
	for file := range goFiles(t) {
		folder := path.Dir(file)
		if strings.HasSuffix(file, "_test.go") || folder == "store" || strings.HasPrefix(folder, "internal") {
			continue
		}
		text := read(t, file)
		for line := range strings.Lines(text) {
			if !strings.Contains(line, "Collection(grapevine.CollectionContacts)") && !strings.Contains(line, `Collection("contacts")`) {
				continue
			}
			for _, verb := range writing {
				require.NotContains(t, line, verb, file)
			}
		}
	}
}

func TestEveryDependencyHasItsLine(t *testing.T) {
	listed := read(t, "docs/dependencies.md")
	modules := 0
	for line := range strings.Lines(read(t, "go.mod")) {
		words := strings.Fields(line)
		if len(words) != 2 || !strings.HasPrefix(words[1], "v") { // an indirect module has a comment behind it
			continue
		}
		modules++
		require.Contains(t, listed, shortName(words[0]), "docs/dependencies.md has no line for it")
	}
	require.Greater(t, modules, 20)
}

// shortName is the name of a module in docs/dependencies.md, which lists the modules of one repository
// together.
func shortName(module string) string {
	return strings.TrimPrefix(module, "github.com/testcontainers/testcontainers-go/")
}

// goFiles maps the path of each Go file, from the root, to the packages of this module that it imports.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	require.NoError(t, filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", ".data", "bin", "testdata", "static", "node_modules"}, d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		file := strings.TrimPrefix(filepath.ToSlash(name), "../")
		files[file] = nil
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if imported == "grapevine" || strings.HasPrefix(imported, "grapevine/") {
				files[file] = append(files[file], strings.TrimPrefix(strings.TrimPrefix(imported, "grapevine"), "/"))
			}
		}
		return nil
	}))
	require.Greater(t, len(files), 50)
	return files
}
