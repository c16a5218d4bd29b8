package derived

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestSearchFinds(t *testing.T) {
	person := func(first, last string) grapevine.Contact {
		return grapevine.Contact{Kind: grapevine.Person, FirstName: first, LastName: last}
	}
	withEmail := func(email string) grapevine.Contact {
		return grapevine.Contact{Emails: []grapevine.Entry{{Value: "x@first.example"}, {Value: email}}}
	}
	withPhone := func(phone string) grapevine.Contact {
		return grapevine.Contact{Phones: []grapevine.Entry{{Value: phone}}}
	}
	for _, c := range []struct {
		contact grapevine.Contact
		found   string // searches, with | between them
		missed  string
	}{
		{person("Zoë", "Müller"), "zoe|ZOË|muller|müller|Mu\u0308ller|mul zo|zoe  muller|Müller, Zoë|ｍｕｌｌｅｒ|m", "uller|mueller|zoe miller|zoem"},
		{person("Ada", "Lovelace"), "ada l|Ada L|lovelace ada|a a|ada-l", "ada x|da"},
		{person("Łukasz", "Ærø"), "lukasz|Łukasz|łuk|aero|ærø|Aero lukasz", "ukasz"},
		{person("Jean-Luc", "O'Neil"), "oneil|o'neil|O’Neil|o`neil|o´neil|oʼneil|O＇NEIL|onei|jean-luc|luc jean|JEAN", "neil|jeanluc"},
		{person("Liam", "O’Brien"), "o'brien|obrien|O'B liam", ""},
		{grapevine.Contact{Name: "Straßenbau Weiß"}, "strasse|straße|STRASSE|weiss|weiß|STRAẞE", "strase|bau"},
		{person("Đặng", "Nguyễn"), "dang nguyen|Đặng|nguye\u0302\u0303n|NGUYỄN", ""},
		{person("İpek", "Işık"), "ipek|İPEK|IPEK|isik|ışık|IŞIK", ""},
		{person("Ийон", "Юлия"), "ийон|юл|Ии\u0306ОН|ЮЛИЯ", "иион|и\u0306он"},
		{person("", "йод"), "йод|И\u0306ОД", "и|иод"},
		{person("がく", ""), "が|が く|か\u3099く", "か|かく"},
		{person("太郎", "山田"), "山田|山|田|太郎|郎|山田 太郎|山田太郎|田太郎|田太", "山太|田山|太郎山田"},
		{person("", "山田太郎"), "山田太郎|田太|太郎|郎|山田 郎", "山太"},
		{person("小龍", "李"), "小|龍|小龍|李|李小|李小龍", "大|李龍"},
		{grapevine.Contact{Company: "株式会社ABC商事"}, "会社|abc|商事|会社abc|ABC商事|株式会社ABC商事", "bc"},
		{grapevine.Contact{Company: "ソニーグループ"}, "ソニー|グループ|ｿﾆｰ|ーグ", "ソグ"},
		{person("민수", "김"), "김|민|수|민수|김민수|김민|\u1100\u1175\u11b7", "기"},
		{person("Taro", "山田"), "山田|taro 山田", "山田taro x"},
		{person("محمد", "أحمد"), "محمد|محم|أحمد|احمد|مُحَمَّد|محـمـد|ﻣﺤﻤﺪ", "حمد"},
		{person("مُحَمَّد", "العَرَبِيّ"), "محمد|العربي|مُحَمَّد", "عربي"},
		{person("דָּוִד", "כֹּהֵן"), "דוד|כהן|דָּוִד", "וד"},
		{person("Фёдор", "Семёнов"), "фёдор|федор|семенов|ФЕДОР|СЕМЁН|фе\u0308дор|Фе\u0301дор", "фодор"},
		{person("Їжак", "Ѓорѓи"), "їжак|ѓор", "іжак|гор"},
		{person("שלום", "צ׳רלי"), "שלום|של|צ'רלי|צרלי", "לום"},
		{person("สมชาย", "ใจดี"), "สมชาย|ใจ|สม ใจดี", "ชาย"},
		{person("ﬁona", "Ⅷ"), "fiona|viii", ""},
		{person("H@ndel", ""), "h@ndel|h@|@h", ""},
		{grapevine.Contact{Nickname: "Zé", Title: "Développeur", Tags: []string{"VIP-kunde"}}, "ze|developpeur|vip|kunde ze|vip-kunde", "unde"},
		{grapevine.Contact{Department: "Sales", Notes: "secret", Custom: []grapevine.Entry{{Value: "skype"}}}, "", "sales|secret|skype"},
		{
			withEmail("Ada.Love-lace+news@mail.Example.com"),
			"example.com|example|com|ada|ada.love|lace|news|ADA.LOVE-LACE+NEWS@MAIL.EXAMPLE.COM|@example.com|@mail|lace+news@mail|news@|mail.example|first.example ada",
			"xample|ada@example|@ample",
		},
		{withEmail("o'neil@büro.example"), "o'neil@buro|oneil@büro.example|buro", ""},
		{
			withPhone("+49 (0)30 / 12-34 56"),
			"123456|030|030 123456|030/123456|(030) 12 34 56|30 123|+49|+49 30|+4930123456|0049|004930123|0049 (0)30 12|+49 (0)30 12-34 56|+49 030 12|4930123|49 30 123456|49030123456|49 030 12|49 (0)30 123|tel:+4930123456|" +
				"456|3456|34 56|0123456|030-12.34.56|(0)30 12|＋４９ ３０|٠٣٠|123456 030|030 456|+49 123456|030 – 12",
			"12|123|1234567|+43|+48 30|0301234567|345|0043|490|48030123|030 x",
		},
		{withPhone("0049 30 123456"), "+49 30|030 123456|30123456|0049301|456", "+43"},
		{withPhone("030 123456"), "030|+49 30 123456|0049 30 1234|30 1234|456|+49 (0)30", "+49 31"},
		{withPhone("4930123456"), "+49 30 123456|4930|456|0049 30", ""},
		{withPhone("(212) 555-1234"), "212|2125551234|+1 212 555|+1 (212) 555-1234|555-1234|1234|212.555.1234", "+1 213"},
		{withPhone("tel:+1-212-555-1234;ext=22"), "+1 212|212 555|1234|555-1234|123422|1-212|+1 (212) 555-1234 ext. 22|212 555 1234 x22|212 555 1234 x 22|555-1234 ext 22", "5551|212 555 1234 x23|212 555 1234 x|x22"},
		{withPhone("+358 9 1234 567"), "+358|09 123|9 1234567|567|00358 (0)9", ""},
		{withPhone("+39 06 1234 567"), "+39 06|+39 6 12|06 123|3906123|0039 06 123|567", ""},
		{withPhone("12"), "", "12|112"},
		{grapevine.Contact{Company: "3M 2026-11", Tags: []string{"100"}}, "3m|2026|11 2026|2026-11|100", "26"},
	} {
		form := Of(&c.contact)
		for i, searches := range []string{c.found, c.missed} {
			for q := range strings.SplitSeq(searches, "|") {
				if q == "" {
					continue
				}
				terms, err := Parse(q)
				require.NoError(t, err, q)
				_, found := terms.Match(&form)
				require.Equal(t, i == 0, found, "search for %q, terms %q, form %q", q, terms, form)
				for _, term := range terms {
					require.True(t, !found || anyInRanges(&form, term), "no range of %q has an entry of %q", term, form)
				}
			}
		}
	}
}

// anyInRanges reports whether a range of the term has an entry of the form.
func anyInRanges(f *Form, term Term) bool {
	return slices.ContainsFunc(term.Ranges(), func(r Range) bool {
		entries := f.Words
		if r.Phones {
			entries = f.Phones
		}
		return slices.ContainsFunc(entries, func(entry string) bool { return strings.HasPrefix(entry, r.Start) })
	})
}

// A search finds a number by each start and each end of its digits, in each way to write its beginning.
func TestEveryStartAndEndOfANumberFindsIt(t *testing.T) {
	for _, c := range []struct {
		phone string
		ways  []string // its digits, with other beginnings
		ends  string   // all digits that the number has in each way
	}{
		{"+49 (0)30 / 10-02 00 01", []string{"+493010020001", "00493010020001", "493010020001", "4903010020001", "03010020001", "3010020001"}, "493010020001"},
		{"030 10020001", []string{"+493010020001", "00493010020001", "03010020001", "3010020001"}, "3010020001"},
		{"+1 (200) 500-0007", []string{"+12005000007", "0012005000007", "12005000007", "2005000007"}, "12005000007"},
		{"0044 020 7000 0000", []string{"+442070000000", "00442070000000", "442070000000", "4402070000000", "02070000000", "2070000000"}, "442070000000"},
	} {
		contact := grapevine.Contact{Phones: []grapevine.Entry{{Value: c.phone}}}
		form := Of(&contact)
		requireFound := func(q string) {
			terms, err := Parse(q)
			require.NoError(t, err)
			_, found := terms.Match(&form)
			require.True(t, found, "search for %q, form %q", q, form.Phones)
		}
		for _, way := range c.ways {
			for n := len("004930"); n <= len(way); n++ {
				requireFound(way[:n])
			}
		}
		for n := minDigits; n <= len(c.ends); n++ {
			requireFound(c.ends[len(c.ends)-n:])
		}
	}
}

func TestSearchWithoutLetterOrDigitIsRefused(t *testing.T) {
	for _, q := range []string{"", " ", "'", "+", "- / -", "@", "❤ …", "\u0301", "\u200d"} {
		_, err := Parse(q)
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), "%q", q)
		require.ErrorContains(t, err, "q has no letter and no digit")
	}
}

func TestHitsAreOrderedByClassThenWholeWords(t *testing.T) {
	email := func(value string) []grapevine.Entry { return []grapevine.Entry{{Value: value}} }
	order := func(q string, contacts ...grapevine.Contact) []int {
		terms, err := Parse(q)
		require.NoError(t, err)
		hits := make([]Hit, len(contacts))
		places := make([]int, len(contacts))
		for i := range contacts {
			form := Of(&contacts[i])
			var found bool
			hits[i], found = terms.Match(&form)
			require.True(t, found, "%q does not find %+v", q, contacts[i])
			places[i] = i
		}
		slices.Reverse(places)
		slices.SortStableFunc(places, func(a, b int) int {
			return cmp.Or(cmp.Compare(hits[a].Rank, hits[b].Rank), strings.Compare(hits[a].Entry, hits[b].Entry))
		})
		return places
	}
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, order("100",
		grapevine.Contact{LastName: "100"}, grapevine.Contact{Nickname: "1000"},
		grapevine.Contact{Emails: email("100@x.example")}, grapevine.Contact{Emails: email("1001@x.example")},
		grapevine.Contact{Title: "100"}, grapevine.Contact{Tags: []string{"1000"}},
		grapevine.Contact{Phones: email("100")}, grapevine.Contact{Phones: email("100 200")},
	))
	require.Equal(t, []int{0, 1, 2}, order("ada l",
		grapevine.Contact{FirstName: "Ada", LastName: "Lovelace"}, grapevine.Contact{FirstName: "Adam", LastName: "Lee"},
		grapevine.Contact{FirstName: "Ada", Company: "L"},
	))
	require.Equal(t, []int{0, 1}, order("ad", grapevine.Contact{LastName: "Ada"}, grapevine.Contact{LastName: "Adam"}))
}

// A search finds a contact by a start of any of its words, in any order, and in any writing.
func TestRandomSearchFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, text := range randomTexts(5_000) {
		words := Words(text)
		if len(words) == 0 {
			continue
		}
		contact := grapevine.Contact{LastName: text}
		form := Of(&contact)
		q := []string{text}
		for range 3 {
			word := words[random.IntN(len(words))]
			if !strings.Contains(word, "@") { // the start of an address may be no address
				q = append(q, firstCharacters(word, 1+random.IntN(4)))
			}
		}
		random.Shuffle(len(q), func(i, j int) { q[i], q[j] = q[j], q[i] })
		terms, err := Parse(strings.Join(q, "\n"))
		require.NoError(t, err)
		_, found := terms.Match(&form)
		require.True(t, found, "search for %+q, terms %+q, words %+q", q, terms, form.Words)
	}
}
