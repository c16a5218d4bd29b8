package derived

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// foldCases are the cases that web/test/fold.test.js reads, too.
func foldCases(t *testing.T) (cases struct {
	Folded [][2]string
	Names  []struct {
		Contact grapevine.Contact
		Name    string
	}
	Ordered []string
},
) {
	t.Helper()
	text, err := os.ReadFile("testdata/fold.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &cases))
	return cases
}

func TestFold(t *testing.T) {
	for _, c := range foldCases(t).Folded {
		require.Equal(t, c[1], Fold(c[0]), "%q", c[0])
		requireFoldHolds(t, c[0])
	}
	require.Equal(t, "a\ufffdb", Fold("a\xffb"))
}

func TestNameText(t *testing.T) {
	cases := foldCases(t)
	for _, c := range cases.Names {
		require.Equal(t, c.Name, NameText(&c.Contact), "%+v", c.Contact)
	}
	var texts []string
	for _, name := range cases.Ordered {
		texts = append(texts, NameText(&grapevine.Contact{LastName: name}))
	}
	require.True(t, slices.IsSorted(texts), "%q", texts)
}

// requireFoldHolds checks what is true of every text.
func requireFoldHolds(t *testing.T, s string) {
	t.Helper()
	folded := Fold(s)
	require.Equal(t, folded, Fold(folded), "folded twice: %+q", s)
	for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
		require.Equal(t, folded, Fold(form.String(s)), "Unicode form %d of %+q", form, s)
	}
	if !strings.ContainsRune(norm.NFD.String(s), '\u0345') { // the iota below a Greek letter is a letter in upper case
		require.Equal(t, folded, Fold(strings.ToUpper(s)), "upper case of %+q", s)
		require.Equal(t, folded, Fold(strings.ToLower(s)), "lower case of %+q", s)
	}
}

func TestFoldHoldsForEveryCharacter(t *testing.T) {
	for r := range unicode.MaxRune {
		if isAssigned(r) {
			requireFoldHolds(t, string(r))
		}
	}
}

func isAssigned(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf)
}

// randomTexts returns texts in which every assigned character is as likely as a frequent one.
func randomTexts(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	frequent := []rune("aZéßłİı ''’´\u0301\u0308\u0306\u0327\u0345\u200d-.@09иЙеЁкمـ\u064eאかが\u3099ﾞ가ᄀ\u1161山ωΣςम\u093f")
	texts := make([]string, n)
	for i := range texts {
		var text strings.Builder
		for range random.IntN(12) {
			r := frequent[random.IntN(len(frequent))]
			if other := random.Int32N(0x20000); random.IntN(2) == 0 && isAssigned(other) {
				r = other
			}
			text.WriteRune(r)
		}
		texts[i] = text.String()
	}
	return texts
}

func TestFoldHoldsForRandomTexts(t *testing.T) {
	for _, text := range randomTexts(20_000) {
		requireFoldHolds(t, text)
	}
}
