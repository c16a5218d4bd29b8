package transfer

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"grapevine"
)

var everything = grapevine.Contact{
	ID: "6b038fe874d6a06640c1a79d", Kind: grapevine.Person, FirstName: "=Ada", LastName: "O'Hara, \"A\"", Name: "-x", Email: "ada@example.com",
	Phone: "+49 30", Company: "＝x", Owner: "o", Notes: "a\nb;\tc", Tags: []string{"x", "y z"}, CreatedAt: grapevine.Time{Time: time.Unix(1, 0)}, UpdatedAt: grapevine.Time{Time: time.Unix(2, 0)},
	Addresses: []grapevine.Address{{Label: "home", Street: "1, Main; St", City: "c", Region: "r", PostalCode: "01", Country: "@x"}},
}

func TestSafeCell(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "'": "'", "=1+1": "'=1+1", "+49": "'+49", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "x",
		"\r=x": "'=x", "\x00=x": "'=x", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "a\x00b": "ab", "a\nb": "a\nb", "\x1b]0;x": "]0;x",
	} {
		require.Equal(t, want, escapeFormula(cell), "%q", cell)
	}
	require.Equal(t, "=1", unescapeFormula("'=1"))
	require.Equal(t, "'tis", unescapeFormula("'tis"))
	require.Equal(t, "'", unescapeFormula("'"))
}

func TestCSVIsReadBack(t *testing.T) {
	var file bytes.Buffer
	file.WriteString(csvHead())
	require.NoError(t, writeCSV(&file, &everything))
	lines, fieldErrors := readAll(readCSV, file.Bytes())
	require.Empty(t, fieldErrors)
	require.Len(t, lines, 1)
	ignored := cmpopts.IgnoreFields(grapevine.Contact{}, "ID", "CreatedAt", "UpdatedAt")
	require.Empty(t, cmp.Diff(everything, lines[0].contact, ignored))
}

func TestReadCSV(t *testing.T) {
	for name, test := range map[string]struct {
		file string
		want []string // "line firstName", or "!pointer"
	}{
		"our own column names":   {"firstName,lastName\nA,B\nC,D\n", []string{"2 A", "3 C"}},
		"other names of columns": {"First Name,LAST_NAME,postal-code\nA,B,1\n", []string{"2 A"}},
		"from Excel":             {"\ufeffFirstName;Notes\r\nA;x,y\r\n", []string{"2 A"}},
		"lines in a cell":        {"notes,firstName\n\"a\nb\",A\nx,B\n", []string{"2 A", "4 B"}},
		"empty lines":            {"firstName\n\n\nA\n", []string{"4 A"}},
		"unknown columns":        {"firstName,nope,a/b\nA,1,2\n", []string{"!/lines/1/nope", "!/lines/1/a~1b"}},
		"a column twice":         {"firstName,First Name\nA,B\n", []string{"!/lines/1/First Name"}},
		"a cell too few":         {"firstName,lastName\nA,B\nC\n", []string{"2 A", "!/lines/3"}},
		"an open quote":          {"firstName\nA\n\"B\n", []string{"2 A", "!/lines/3"}},
		"a stray quote":          {"firstName\nA\"B\n", []string{"!/lines/2"}},
		"nothing":                {"", nil},
		"only names":             {"firstName\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			lines, fieldErrors := readAll(readCSV, []byte(test.file))
			var got []string
			for _, l := range lines {
				got = append(got, strings.TrimPrefix(LinePointer(l.number), "/lines/")+" "+l.contact.FirstName)
			}
			for _, f := range fieldErrors {
				got = append(got, "!"+f.Pointer)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestImportGuessesTheKind(t *testing.T) {
	file := Read([]byte("kind,firstName,name\n,A,\n,,B\n ORGANIZATION ,,C\n,A,B\n"), CSV, "w", 4)
	require.True(t, file.Errors.None())
	var kinds []grapevine.Kind
	for _, c := range file.Contacts {
		require.Equal(t, "w", c.Workspace)
		kinds = append(kinds, c.Kind)
	}
	require.Equal(t, []grapevine.Kind{grapevine.Person, grapevine.Organization, grapevine.Organization, grapevine.Person}, kinds)
}

// No cell of an export begins like a formulaPrefixes, and no text breaks the rows of the file.
func FuzzCSVCell(f *testing.F) {
	for _, seed := range []string{"=1+1", "\x00=1", "a\"b", "'+1", "\r\n@x", "＝"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var file bytes.Buffer
		require.NoError(t, writeCSV(&file, &grapevine.Contact{FirstName: text, Notes: text, Tags: []string{text}}))
		records, err := csv.NewReader(&file).ReadAll()
		require.NoError(t, err)
		require.Len(t, records, 1)
		require.Len(t, records[0], len(csvColumns))
		for _, cell := range records[0] {
			require.False(t, cell != "" && strings.ContainsRune(formulaPrefixes, []rune(cell)[0]), "%q", cell)
			require.NotContains(t, cell, "\x00")
		}
	})
}

func FuzzImport(f *testing.F) {
	f.Add("firstName,tags\nA,x;y\n", CSV)
	f.Add("BEGIN:VCARD\nVERSION:3.0\nN:A;B\nEND:VCARD\n", VCard)
	f.Add("{\"firstName\":\"A\"}\n", JSONLines)
	f.Fuzz(func(t *testing.T, body, media string) {
		if readers[media] == nil {
			media = VCard
		}
		found := Read([]byte(body), media, "default", 5000)
		for _, f := range found.Errors.first {
			require.True(t, strings.HasPrefix(f.Pointer, "/lines/"), f.Pointer)
		}
		if found.Errors.None() {
			require.Len(t, found.Lines, len(found.Contacts))
			for _, c := range found.Contacts {
				require.NoError(t, c.Validate())
			}
		}
	})
}

// A file has every field of a contact but the workspace, each in one column.
func TestEveryFieldHasAColumn(t *testing.T) {
	want := []string{"id", "createdAt", "updatedAt"}
	for _, f := range grapevine.ContactFields {
		switch {
		case f.Name == "workspace":
		case f.Type != grapevine.RecordsField:
			want = append(want, f.Name)
		case f.Name == "addresses":
			want = append(want, "label", "street", "city", "region", "postalCode", "country")
		default:
			for _, part := range f.Records.SubFields() {
				want = append(want, f.Name+"."+part.Name)
			}
		}
	}
	var names []string
	for _, column := range csvColumns {
		names = append(names, column.name)
	}
	require.ElementsMatch(t, want, names)
	require.Equal(t, "id,kind,firstName,lastName,name,email,phone,company,tags,notes,owner,label,street,city,region,postalCode,country,organizationId,createdAt,updatedAt", strings.TrimSpace(csvHead()))
}
