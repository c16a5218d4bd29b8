package derived

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// callPage calls a function of the page's modules with each input, and decodes the results into outputs.
func callPage(t *testing.T, module, function string, inputs, outputs any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	version, err := exec.CommandContext(ctx, "node", "-p", "process.versions.node.split('.')[0]").Output()
	if major, _ := strconv.Atoi(strings.TrimSpace(string(version))); err != nil || major < 20 {
		t.Skip("node 20 or newer is not installed")
	}
	input, err := json.Marshal(inputs)
	require.NoError(t, err)
	node := exec.CommandContext(ctx, "node", "--input-type=module", "-e", `import { readFileSync } from "node:fs";
		import * as module from "../web/static/assets/js/`+module+`";
		const { parseSearch, findHit } = module;
		process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(`+function+`)));`)
	node.Stdin = strings.NewReader(string(input))
	output, err := node.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(output, outputs))
}

func TestFoldIsTheSameInThePage(t *testing.T) {
	texts := randomTexts(10_000)
	for r := range unicode.MaxRune {
		if isAssigned(r) && !unicode.In(r, unicode.Han, unicode.Hangul) {
			texts = append(texts, string(r))
		}
	}
	var folded []string
	callPage(t, "fold.js", "module.fold", texts, &folded)
	require.Len(t, folded, len(texts))
	for i, text := range texts {
		require.Equal(t, folded[i], Fold(text), "%+q", text)
	}
}

// search is a random search and a contact that it may find.
type search struct {
	Q       string            `json:"q"`
	Contact grapevine.Contact `json:"contact"`
}

func randomSearches(n int) []search {
	random := rand.New(rand.NewPCG(5, 6))
	texts := randomTexts(4 * n)
	numbers := []string{
		"+49 (0)30 / 12-34 56", "0049 30 123456", "030 123456", "4930123456", "(212) 555-1234", "tel:+1-212-555-1234;ext=22", "+358 9 1234 567",
		"+39 06 1234 567", "12", "+1", "٠٣٠ ١٢٣٤٥٦", "212 555 1234 x22", "212 555 1234 ext. 22", "tel:+49-30-1", "49030123456", "0049 00 123", "00123", "555-1234", "030", "+4", "00", "1234 ada", "2026-11", "−12 34", "+49 30 ada",
	}
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	searches := make([]search, 0, n)
	for range n {
		c := grapevine.NewContact()
		c.Kind = []grapevine.Kind{grapevine.Person, grapevine.Organization}[random.IntN(2)]
		for _, text := range []*string{&c.FirstName, &c.LastName, &c.Nickname, &c.Name, &c.Company, &c.Title} {
			if random.IntN(2) == 0 {
				*text = pick(texts)
			}
		}
		for range random.IntN(3) {
			c.Emails = append(c.Emails, grapevine.Entry{Value: strings.ReplaceAll(pick(texts), " ", ".") + "@" + pick(texts)})
			c.Phones = append(c.Phones, grapevine.Entry{Value: pick(numbers)})
			c.Tags = append(c.Tags, pick(texts))
		}
		c.SetVirtual()
		words := strings.Fields(strings.Join([]string{c.FirstName, c.LastName, c.Nickname, c.Company, c.Title, c.Email, c.Phone, pick(numbers)}, " "))
		q := make([]string, 0, 3)
		for range 1 + random.IntN(3) {
			word := []rune(pick(words))
			q = append(q, string(word[:1+random.IntN(len(word))]))
		}
		searches = append(searches, search{strings.Join(q, " "), c})
	}
	return searches
}

// The page decides as the server does whether a search finds a changed contact, and where it stands.
func TestSearchIsTheSameInThePage(t *testing.T) {
	searches := randomSearches(5_000)
	var hits []*Hit
	callPage(t, "search-terms.js", "({ q, contact }) => { const terms = parseSearch(q); return terms.length ? findHit(terms, contact) : null; }", searches, &hits)
	require.Len(t, hits, len(searches))
	found := 0
	for i, s := range searches {
		terms, err := Parse(s.Q)
		if err != nil {
			require.Nil(t, hits[i], "%+q", s.Q)
			continue
		}
		form := Of(&s.Contact)
		hit, ok := terms.Match(&form)
		require.Equal(t, ok, hits[i] != nil, "search for %+q, form %+q", s.Q, form)
		if ok {
			require.Equal(t, hit, *hits[i], "search for %+q, form %+q", s.Q, form)
			found++
		}
	}
	require.Greater(t, found, len(searches)/4)
}

func TestOrderOfNamesIsTheSameInThePage(t *testing.T) {
	searches := randomSearches(5_000)
	var names []string
	callPage(t, "fold.js", "({ contact }) => module.nameText(contact)", searches, &names)
	require.Len(t, names, len(searches))
	for i := range searches {
		require.Equal(t, NameText(&searches[i].Contact), names[i], "%+q", searches[i].Contact)
	}
}
