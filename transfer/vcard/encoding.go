package vcard

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// Encodings of a value.
const (
	plainText encoding = iota
	quotedPrintable
	base64Encoding
)

type encoding int

func encodingOf(p *Property) encoding {
	switch strings.ToUpper(p.Param("ENCODING")) {
	case "QUOTED-PRINTABLE", "Q":
		return quotedPrintable
	case "BASE64", "B":
		return base64Encoding
	}
	return plainText
}

// structuredProperties have components that are separated by semicolons.
var structuredProperties = map[string]bool{"N": true, "ADR": true, "ORG": true}

// decodeValue makes text of the bytes of a value. ok is false where they are no text.
// decoded says that the file is UTF-8 whatever the property names; only encoded characters are of its character set.
func decodeValue(value []byte, p *Property, e encoding, decoded bool, decode func([]byte) string) (text string, ok bool) {
	switch e {
	case quotedPrintable:
		value = decodeQuotedPrintable(value, structuredProperties[p.Name])
	case base64Encoding:
		compact := bytes.Join(bytes.Fields(value), nil)
		if decoded, err := base64.StdEncoding.AppendDecode(nil, compact); err == nil {
			if value = decoded; p.Param("CHARSET") == "" && !utf8.Valid(value) {
				return "", false // a picture, say
			}
		}
	case plainText:
		if decoded {
			return decode(value), true
		}
	}
	charset := p.Param("CHARSET")
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		return decode(value), true
	}
	if set, err := htmlindex.Get(charset); err == nil {
		if text, err := set.NewDecoder().Bytes(value); err == nil {
			return string(text), true
		}
	}
	return decode(value), true
}

// decodeQuotedPrintable decodes =XX. Other text, also a wrong escape, stays as it is. In a structured value an encoded
// semicolon is text, so it is escaped.
func decodeQuotedPrintable(value []byte, structured bool) []byte {
	decoded := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		if value[i] == '=' && i+2 < len(value) {
			high, low := hexDigit(value[i+1]), hexDigit(value[i+2])
			if high >= 0 && low >= 0 {
				b := byte(high<<4 | low)
				if b == ';' && structured {
					decoded = append(decoded, '\\')
				}
				decoded = append(decoded, b)
				i += 2
				continue
			}
		}
		decoded = append(decoded, value[i])
	}
	return bytes.ReplaceAll(decoded, []byte("\r\n"), []byte("\n"))
}

// hexDigit returns the value of a digit, or -1.
func hexDigit(b byte) int {
	i := strings.IndexByte("0123456789abcdefABCDEF", b)
	if i > 15 {
		i -= 6
	}
	return i
}
