package password

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// cheap is a cost for tests that count.
var cheap = Params{Memory: 64, Time: 1, Threads: 1}

func TestAHashIsAPHCString(t *testing.T) {
	text := Standard.make("grape harvest 1926")
	require.Regexp(t, `^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, text)
	h, err := parse(text)
	require.NoError(t, err)
	require.True(t, IsHash(text))
	require.Equal(t, text, h.String())
	require.True(t, h.matches("grape harvest 1926"))
	require.False(t, h.matches("grape harvest 1927"))
	require.NotEqual(t, text, Standard.make("grape harvest 1926"), "each has a salt of its own")
}

// A hash of another program, with other parameters: the reference implementation's
// `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 4 -l 24`, in its own test suite's style.
func TestHashesOfOtherProgramsAreVerified(t *testing.T) {
	h, err := parse("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	require.NoError(t, err)
	require.True(t, h.matches("password"))
	require.False(t, h.matches("Password"))
}

func TestHashesThatAreRefused(t *testing.T) {
	good := cheap.make("x")
	parts := strings.Split(good, "$")
	with := func(i int, part string) string {
		changed := append([]string{}, parts...)
		changed[i] = part
		return strings.Join(changed, "$")
	}
	for name, text := range map[string]string{
		"nothing":               "",
		"plain text":            "grape harvest 1926",
		"bcrypt":                "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
		"argon2i":               with(1, "argon2i"),
		"another version":       with(2, "v=16"),
		"no memory":             with(3, "m=0,t=1,p=1"),
		"memory beyond bounds":  with(3, "m=262145,t=1,p=1"),
		"a gigabyte":            with(3, "m=1048576,t=1,p=1"),
		"memory past 32 bits":   with(3, "m=4294967360,t=1,p=1"),
		"work beyond bounds":    with(3, "m=65536,t=25,p=1"),
		"endless":               with(3, "m=64,t=4294967295,p=1"),
		"no pass":               with(3, "m=64,t=0,p=1"),
		"no thread":             with(3, "m=64,t=1,p=0"),
		"many threads":          with(3, "m=64,t=1,p=200"),
		"threads past 8 bits":   with(3, "m=64,t=1,p=257"),
		"another order":         with(3, "t=1,m=64,p=1"),
		"more parameters":       with(3, "m=64,t=1,p=1,keyid=1"),
		"a sign":                with(3, "m=+64,t=1,p=1"),
		"salt is not base64":    with(4, "!!!!!!!!!!!!"),
		"salt is short":         with(4, "c2FsdA"),
		"key is short":          with(5, "c2FsdA"),
		"key is long":           with(5, strings.Repeat("AAAA", 22)),
		"a part more":           good + "$",
		"padding":               good + "=",
		"white space before it": " " + good,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(text)
			require.ErrorIs(t, err, errFormat)
			require.False(t, IsHash(text))
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(cheap.make("x"))
	f.Add("$argon2id$v=19$m=65536,t=3,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parse(text)
		if err != nil {
			return
		}
		require.Equal(t, text, h.String(), "what is read is written alike")
		require.True(t, h.bounded())
	})
}

func BenchmarkHash(b *testing.B) {
	h := Standard.dummy()
	for b.Loop() {
		h.matches("grape harvest 1926")
	}
}
