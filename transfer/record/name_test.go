package record_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/transfer/record"
)

func TestSplitName(t *testing.T) {
	type parts struct{ prefix, first, last, suffix string }
	for full, want := range map[string]parts{
		"":                       {},
		"Madonna":                {first: "Madonna"},
		"Martha Quince":          {first: "Martha", last: "Quince"},
		"  Martha \t Quince ":    {first: "Martha", last: "Quince"},
		"Anna Maria Roth":        {first: "Anna Maria", last: "Roth"},
		"Petra van Dyk":          {first: "Petra", last: "van Dyk"},
		"Juan Carlos De La Cruz": {first: "Juan Carlos", last: "De La Cruz"},
		"Otto von der Heide":     {first: "Otto", last: "von der Heide"},
		"Van Morrison":           {first: "Van", last: "Morrison"},
		"José Ortega y Gasset":   {first: "José", last: "Ortega y Gasset"},
		"Omar al Sayed":          {first: "Omar", last: "al Sayed"},
		"Weird Al Yankovic":      {first: "Weird Al", last: "Yankovic"},
		"Roth, Anna":             {first: "Anna", last: "Roth"},
		"van der Berg, Dr. Jan":  {prefix: "Dr.", first: "Jan", last: "van der Berg"},
		"Prof. Dr. Anna Roth":    {prefix: "Prof. Dr.", first: "Anna", last: "Roth"},
		"Frau Böhm":              {prefix: "Frau", last: "Böhm"},
		"Dr.":                    {first: "Dr."},
		"Martin Luther King Jr.": {first: "Martin Luther", last: "King", suffix: "Jr."},
		"John Smith, Jr.":        {first: "John", last: "Smith", suffix: "Jr."},
		"John Smith, Ph.D., MBA": {first: "John", last: "Smith", suffix: "Ph.D., MBA"},
		"Smith, John, Jr.":       {first: "John", last: "Smith", suffix: "Jr."},
		"Yo-Yo Ma":               {first: "Yo-Yo", last: "Ma"},
		"a, b, c, d":             {first: "a, b, c, d"},
		"山田太郎":                   {first: "山田太郎"},
		"山田 太郎":                  {last: "山田", first: "太郎"},
		"山田\u3000太郎":             {last: "山田", first: "太郎"},
		"김 철수":                   {last: "김", first: "철수"},
		"Анна Иванова":           {first: "Анна", last: "Иванова"},
		",":                      {},
	} {
		c := grapevine.Contact{FirstName: "before", Suffix: "before"}
		record.SplitName(full, &c)
		require.Equal(t, want, parts{c.Prefix, c.FirstName, c.LastName, c.Suffix}, full)
	}
}
