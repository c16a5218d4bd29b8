package tables

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTitlesFile(t *testing.T) {
	choices := []string{fullOrLastName, fullOrFirstName, titleOrPrefix, "-"}
	seen := map[string]string{}
	for line := range dataLines(titlesFile) {
		parts := strings.Split(line, "\t")
		require.Len(t, parts, 3, line)
		if !slices.Contains(choices, parts[2]) {
			_, err := parseField(parts[2])
			require.NoError(t, err, line)
			require.NotEmpty(t, parts[2], line)
		}
		key := titleKey(parts[1])
		require.True(t, seen[key] == "" || seen[key] == parts[2] || key == "birthday", "%s is there with another field: %s", line, seen[key])
		seen[key] = parts[2]
	}
}

func TestWordsFile(t *testing.T) {
	seen := map[string]bool{}
	for line := range dataLines(wordsFile) {
		meaning, list, found := strings.Cut(line, "\t")
		require.True(t, found, line)
		require.NotEmpty(t, meaning)
		for _, word := range strings.Fields(list) {
			require.Equal(t, titleKey(word), word, "a word is written without accents and punctuation")
			require.False(t, seen[word], "%s is there twice", word)
			seen[word] = true
		}
	}
}

func TestTargetOfTitle(t *testing.T) {
	for title, want := range map[string]string{
		"Business Phone 2": "phones.work", "Straße (privat) 2": "addresses.home.street", "Téléphone 2 (bureau)": "phones.work",
		"Otro código postal": "addresses.other.postalCode", "Pays/Région (autre)": "addresses.other.country", "e_mail": "emails",
		"Work Mobile": "phones.work mobile", "MailingPostalCode": "addresses.postalCode", "Address 2 - Postal Code": "addresses.2.postalCode",
		"Phone 3 - Label": "phones.3.label", "IM 1 - Value": "custom.101", "emails.Summer House": "emails.Summer House",
		"Privat: Adresse 2": "addresses.home.street", "Mobil-Tel.-Nr.": "phones.mobile",
	} {
		got, found := targetOfTitle(title)
		require.True(t, found, title)
		require.Equal(t, want, got.String(), title)
	}
	for _, title := range []string{"", "Home", "Work", "2", "Shoe size", "Email fax street", "Auto", "Lifecycle Stage", strings.Repeat("email", 50)} {
		_, found := targetOfTitle(title)
		require.False(t, found, title)
	}
}
