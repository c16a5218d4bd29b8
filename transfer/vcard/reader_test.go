package vcard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"grapevine/internal/realtest"
)

// utf8OrWindows1252 is how files without any mark are read.
func utf8OrWindows1252(b []byte) string {
	if text := string(b); strings.ToValidUTF8(text, "") == text {
		return text
	}
	text, _ := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(text)
}

// describe reads a file into one line for each card, property and problem.
func describe(t testing.TB, in io.Reader) string {
	t.Helper()
	var b strings.Builder
	r := NewReader(in, utf8OrWindows1252)
	for {
		card, err := r.Next()
		if problem, ok := errors.AsType[*Problem](err); ok {
			fmt.Fprintf(&b, "%v\n", problem)
			continue
		}
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			return b.String()
		}
		fmt.Fprintf(&b, "card %d %s\n", card.Line, card.Version)
		for _, p := range card.Properties {
			fmt.Fprintf(&b, "%d %s.%s", p.Line, p.Group, p.Name)
			for _, param := range p.Params {
				fmt.Fprintf(&b, " %s=%s", param.Name, param.Value)
			}
			if p.Omitted {
				b.WriteString(" omitted\n")
			} else {
				fmt.Fprintf(&b, " %q\n", p.Value)
			}
		}
		for i := range card.Problems {
			fmt.Fprintf(&b, "%v\n", &card.Problems[i])
		}
	}
}

func TestReader(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"bare types": {"BEGIN:VCARD\r\nVERSION:2.1\r\nTEL;CELL;PREF:1\r\nEND:VCARD\r\n", `
card 1 2.1
3 .TEL TYPE=CELL TYPE=PREF "1"
`},
		"lower case, the version last": {"begin:vcard\nemail;internet:a@b\nversion:2.1\nend:vcard", `
card 1 2.1
2 .EMAIL TYPE=internet "a@b"
`},
		"a group, quoted parameters": {"BEGIN:VCARD\nitem1.ADR;TYPE=\"work,home\";LABEL=\"a;b:c^nd\":;;x\nEND:VCARD\n", `
card 1 
2 item1.ADR TYPE=work,home LABEL=a;b:c
d ";;x"
`},
		"a quote without an end": {"BEGIN:VCARD\nTEL;TYPE=\"WORK:1\nEND:VCARD\n", `
card 1 
2 .TEL TYPE=WORK "1"
`},
		"folds": {"BEGIN:VCARD\r\nNOTE:a\r\n b\r\n\t c\r\nTEL\r\n ;TYPE=\r\n home:1\r\nEND:VCARD\r\n", `
card 1 
2 .NOTE "ab c"
5 .TEL TYPE=home "1"
`},
		"a fold that says END:VCARD": {"BEGIN:VCARD\nNOTE:a\n END:VCARD\nTEL:1\nEND:VCARD\n", `
card 1 
2 .NOTE "aEND:VCARD"
4 .TEL "1"
`},
		"a fold inside a character": {"BEGIN:VCARD\nFN:a\xc3\n \xa9\nEND:VCARD\n", `
card 1 
2 .FN "aé"
`},
		"QUOTED-PRINTABLE with soft breaks": {"BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Caf=C3=\n=A9=0D=0A=  \nTel: x =3D 1=zz\nTEL:1\nEND:VCARD\n", `
card 1 
2 .NOTE ENCODING=QUOTED-PRINTABLE CHARSET=UTF-8 "Café\nTel: x = 1=zz"
5 .TEL "1"
`},
		"a soft break before the end": {"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:a=\nEND:VCARD\n", `
card 1 
2 .NOTE ENCODING=QUOTED-PRINTABLE "a="
`},
		"an encoded semicolon": {"BEGIN:VCARD\nVERSION:2.1\nN;QUOTED-PRINTABLE:a=3Bb;c\nNOTE;QUOTED-PRINTABLE:a=3bb\nEND:VCARD\n", `
card 1 2.1
3 .N ENCODING=QUOTED-PRINTABLE "a\\;b;c"
4 .NOTE ENCODING=QUOTED-PRINTABLE "a;b"
`},
		"character sets": {"BEGIN:VCARD\nN;CHARSET=MACINTOSH:K\x9ffer\nFN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Bj=F6rn\nNOTE:10\x9612\nORG;CHARSET=no-such-set:\xc3\xa9\nTITLE;CHARSET=UTF-8:\xe9\nEND:VCARD\n", `
card 1 
2 .N CHARSET=MACINTOSH "Küfer"
3 .FN CHARSET=ISO-8859-1 ENCODING=QUOTED-PRINTABLE "Björn"
4 .NOTE "10–12"
5 .ORG CHARSET=no-such-set "é"
6 .TITLE CHARSET=UTF-8 "é"
`},
		"text in base64": {"BEGIN:VCARD\nNOTE;ENCODING=b:YQ\n ==\nEND:VCARD\n", `
card 1 
2 .NOTE ENCODING=b "a"
`},
		"pictures": {"BEGIN:VCARD\nPHOTO;ENCODING=BASE64;JPEG:/9j/\nTEL5fake\n2Q==\n\nSOUND;X-IRMC-N:;;;;\nLOGO:data:image/png;base64,\n aa\nTEL:1\nEND:VCARD\n", `
card 1 
2 .PHOTO ENCODING=BASE64 TYPE=JPEG omitted
6 .SOUND TYPE=X-IRMC-N ";;;;"
7 .LOGO omitted
9 .TEL "1"
`},
		"cards inside a card": {"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:in\nBEGIN:VCARD\nEND:VCARD\nEND:VCARD\nBEGIN:VCARD\n", `
line 1: this card does not end, so it is left out
line 8: this card does not end, so it is left out
`},
		"an agent": {"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:in\nEND:VCARD\nFN:out\nEND:VCARD\n", `
card 1 
2 .AGENT omitted
6 .FN "out"
`},
		"an agent on its line, without an end of its own": {"BEGIN:VCARD\nFN:a\nAGENT:BEGIN:VCARD\nFN:in\nEND:VCARD\nFN:out\nBEGIN:VCARD\nFN:b\nEND:VCARD\n", `
line 1: this card does not end, so it is left out
card 7 
8 .FN "b"
`},
		"an event inside a card": {"BEGIN:VCARD\nFN:a\nBEGIN:VEVENT\nFN:in\nEND:VEVENT\nTEL:1\nBEGIN:X\nFN:in\nEND : VCARD\n", `
card 1 
2 .FN "a"
3 .BEGIN omitted
6 .TEL "1"
7 .BEGIN omitted
`},
		"a name in sounds, a data URI that is not indented": {"BEGIN : VCARD\nSOUND;X-IRMC-N:a;b\nPHOTO:data:image/png;base64,aa\nbb \ncc\nTEL:1\nEND:VCARD\n", `
card 1 
2 .SOUND TYPE=X-IRMC-N "a;b"
3 .PHOTO omitted
6 .TEL "1"
`},
		"soft breaks that are folded too": {"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:a=\n =C3=A9=\n b=\n\t=41\n  c\nEND:VCARD\n", `
card 1 
2 .NOTE ENCODING=QUOTED-PRINTABLE "aé bA c"
`},
		"labels of Android": {"BEGIN:VCARD\nTEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=C3=84):1\nTEL;X-custom(My phone):2\nEND:VCARD\n", `
card 1 
2 .TEL X-CUSTOM=Ä "1"
3 .TEL X-CUSTOM=My phone "2"
`},
		"a note whose lines are not indented": {"BEGIN:VCARD\nNOTE:a\nb\nTEL:1\nc\nEND:VCARD\n", `
card 1 
2 .NOTE "a\nb"
4 .TEL "1"
line 3: this line is no property; it is kept in the note: b
line 5: this line is no property: c
`},
		"two cards on one line": {"BEGIN:VCARD\nFN:a\nEND:VCARDBEGIN:VCARD\nFN:b\nEND:VCARD \n", `
card 1 
2 .FN "a"
card 3 
4 .FN "b"
`},
		"text outside, no end, no property": {"x\ny\n\nBEGIN:VCARD\nFN:a\nBEGIN:VCARD\nno property\nEND:VCARD\nNULL\n", `
line 1: this text is outside of a card
line 4: this card does not end, so it is left out
card 6 
line 7: this line is no property: no property
line 9: this text is outside of a card
`},
		"line ends and marks": {"\xef\xbb\xbfBEGIN:VCARD \rFN:a\r\rEND:VCARD\r\xef\xbb\xbfBEGIN:VCARD\nEND:VCARD", `
card 1 
2 .FN "a"
card 5 
`},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.TrimPrefix(test.want, "\n")
			require.Equal(t, want, describe(t, strings.NewReader(test.file)))
			require.Equal(t, want, describe(t, iotest.OneByteReader(strings.NewReader(test.file))))
		})
	}
}

func TestErrorOfTheFile(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, start := range []string{"", "BEGIN:VCARD\nFN:a"} {
		r := NewReader(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), utf8OrWindows1252)
		_, err := r.Next()
		require.ErrorIs(t, err, broken)
	}
}

func TestTextAndComponents(t *testing.T) {
	for value, want := range map[string]struct {
		text, text21             string
		components, components21 [][]string
	}{
		`a\, b\nc\;\\`: {"a, b\nc;\\", `a\, b\nc;\\`, [][]string{{"a, b\nc;\\"}}, [][]string{{`a\, b\nc;\\`}}},
		`x\;y;b,c;`:    {"x;y;b,c;", "x;y;b,c;", [][]string{{"x;y"}, {"b", "c"}, {""}}, [][]string{{"x;y"}, {"b,c"}, {""}}},
		`C:\new\x`:     {"C:\new\\x", `C:\new\x`, [][]string{{"C:\new\\x"}}, [][]string{{`C:\new\x`}}},
		`https\://a\`:  {`https://a\`, `https\://a\`, [][]string{{`https://a\`}}, [][]string{{`https\://a\`}}},
		"":             {"", "", [][]string{{""}}, [][]string{{""}}},
	} {
		card, card21 := Card{Version: "3.0"}, Card{Version: "2.1"}
		require.Equal(t, want.text, card.Text(value), value)
		require.Equal(t, want.text21, card21.Text(value), value)
		require.Equal(t, want.components, card.Components(value), value)
		require.Equal(t, want.components21, card21.Components(value), value)
	}
}

func TestTypes(t *testing.T) {
	p := Property{Params: []Param{{"TYPE", "WORK, Voice"}, {"PREF", "1"}, {"TYPE", "cell"}}}
	require.Equal(t, []string{"work", "voice", "cell"}, p.Types())
}

// A value that is too long, and a card with too many properties, lose only that.
func TestLimits(t *testing.T) {
	var file bytes.Buffer
	file.WriteString("BEGIN:VCARD\nFN:a\nNOTE:")
	for range 3 {
		file.WriteString(strings.Repeat("x", maxValue/2) + "\n ")
	}
	file.WriteString("\nX:" + strings.Repeat("y", maxLine+10) + "\n")
	for range maxProperties {
		file.WriteString("TEL:1\n")
	}
	file.WriteString("END:VCARD\nBEGIN:VCARD\nFN:b\nEND:VCARD\n")
	r := NewReader(&file, utf8OrWindows1252)
	card, err := r.Next()
	require.NoError(t, err)
	require.Len(t, card.Properties, maxProperties)
	require.True(t, card.Properties[1].Cut)
	require.Len(t, card.Properties[1].Value, maxValue)
	require.True(t, card.Properties[2].Cut)
	require.Equal(t, []Problem{{1, "this card is too large; 3 of its properties are left out"}}, card.Problems)
	card, err = r.Next()
	require.NoError(t, err)
	require.Equal(t, "b", card.First("FN").Value)
}

// A card of 200,000 folds takes a fraction of a second. With quadratic work it took eleven.
func TestTimeIsLinear(t *testing.T) {
	const n = 200_000
	head := "BEGIN:VCARD\nVERSION:4.0\n"
	for name, file := range map[string]func(n int) string{
		"folds of a value": func(n int) string { return head + "FN:a" + strings.Repeat("\n b", n) + "\nEND:VCARD\n" },
		"folds of a name":  func(n int) string { return head + "FN" + strings.Repeat("\n b", n) + "\nEND:VCARD\n" },
		"soft breaks": func(n int) string {
			return head + "NOTE;QUOTED-PRINTABLE:" + strings.Repeat("=\n", n) + "\nEND:VCARD\n"
		},
		"base64":           func(n int) string { return head + "PHOTO;BASE64:" + strings.Repeat("\nab", n) + "\n\nEND:VCARD\n" },
		"parameters":       func(n int) string { return head + "TEL" + strings.Repeat(";a", n) + ":1\nEND:VCARD\n" },
		"begins":           func(n int) string { return strings.Repeat("BEGIN:VCARD\n", n) },
		"agents":           func(n int) string { return head + strings.Repeat("AGENT:\nBEGIN:VCARD\n", n) },
		"rubbish in cards": func(n int) string { return head + strings.Repeat("x\n", n) + "END:VCARD\n" },
	} {
		t.Run(name, func(t *testing.T) {
			text := file(n)
			watch := realtest.StartStopwatch(t)
			r := NewReader(strings.NewReader(text), utf8OrWindows1252)
			for err := error(nil); !errors.Is(err, io.EOF); {
				_, err = r.Next()
			}
			require.Less(t, watch.Stop(), watch.Allow(5*time.Second))
		})
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("BEGIN:VCARD\r\nVERSION:2.1\r\nN;QUOTED-PRINTABLE:=\r\n=41;b\r\nAGENT:\r\nBEGIN:VCARD\r\nEND:VCARD\r\nEND:VCARD\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		require.Equal(t, describe(t, bytes.NewReader(file)), describe(t, iotest.HalfReader(bytes.NewReader(file))))
	})
}
