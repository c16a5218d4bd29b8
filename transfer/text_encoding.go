package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"grapevine"
)

// sampleBytes is how much of the beginning of a file decides what it is.
const sampleBytes = 64 << 10

// textEncoding is how the bytes of a file are read as text.
type textEncoding struct {
	name string
	set  encoding.Encoding // nil: UTF-8
	// guessed says that there is no byte order mark and no option, so the character set of a property wins.
	guessed bool
}

var utf8Encoding = textEncoding{name: "utf-8"}

// reader reads the text as UTF-8, without a byte order mark. Bytes that are no text become U+FFFD.
func (e textEncoding) reader(r io.Reader) io.Reader {
	if e.set == nil {
		return unicode.UTF8BOM.NewDecoder().Reader(r)
	}
	return e.set.NewDecoder().Reader(r)
}

// vCardReader reads a file of vCards. If the encoding is guessed, the reader of vCards gets the bytes as they are, because a
// property may name its own character set.
func (e textEncoding) vCardReader(r io.Reader) io.Reader {
	if e.decoded() {
		return e.reader(r)
	}
	return r
}

// decoded reports whether vCardReader decodes, so that the character set that a property names is that of its escapes only.
func (e textEncoding) decoded() bool { return e.set != nil && !e.guessed }

// findEncoding takes the given encoding, or guesses: by the byte order mark, then by the zero bytes of UTF-16, then UTF-8 where the
// whole file is valid, else Windows-1252.
func findEncoding(open func() (io.ReadCloser, error), given string) (textEncoding, error) {
	if given != "" {
		return namedEncoding(given)
	}
	file, err := open()
	if err != nil {
		return textEncoding{}, err
	}
	found, err := guessEncoding(file)
	return found, errors.Join(err, file.Close())
}

// IsEncoding reports whether name is an encoding that [Options] can have.
func IsEncoding(name string) bool {
	_, err := namedEncoding(name)
	return err == nil
}

func namedEncoding(name string) (textEncoding, error) {
	set, err := htmlindex.Get(name)
	if err != nil || set == encoding.Replacement { // the WHATWG's name for encodings that nobody may read
		return textEncoding{}, &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("The encoding %.40q is unknown. Use a name such as utf-8, windows-1252 or iso-8859-2, or leave the parameter out.", name)}
	}
	if canonical, err := htmlindex.Name(set); err == nil {
		name = canonical
	}
	switch name {
	case utf8Encoding.name:
		return utf8Encoding, nil
	case "utf-16le":
		set = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		set = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return textEncoding{name: name, set: set}, nil
}

func guessEncoding(r io.Reader) (textEncoding, error) {
	buffer := make([]byte, sampleBytes)
	n, err := io.ReadFull(r, buffer)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return textEncoding{}, fmt.Errorf("read the file: %w", err)
	}
	sample := buffer[:n]
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return utf8Encoding, nil
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return namedEncoding("utf-16le")
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return namedEncoding("utf-16be")
	}
	if name := utf16ByZeros(sample); name != "" {
		return namedEncoding(name)
	}
	valid, err := isUTF8(io.MultiReader(bytes.NewReader(sample), r))
	if err != nil {
		return textEncoding{}, fmt.Errorf("read the file: %w", err)
	}
	if valid {
		return utf8Encoding, nil
	}
	return textEncoding{name: "windows-1252", set: charmap.Windows1252, guessed: true}, nil
}

// utf16ByZeros looks for the zero bytes that most letters of addresses have in UTF-16.
func utf16ByZeros(sample []byte) string {
	var zeros [2]int
	for i, b := range sample {
		if b == 0 {
			zeros[i%2]++
		}
	}
	pairs := len(sample) / 2
	switch {
	case pairs == 0:
	case zeros[1] > pairs/4 && zeros[0] < zeros[1]/4:
		return "utf-16le"
	case zeros[0] > pairs/4 && zeros[1] < zeros[0]/4:
		return "utf-16be"
	}
	return ""
}

// isUTF8 reads to the end, or to the first byte that is wrong.
func isUTF8(r io.Reader) (bool, error) {
	_, err := io.Copy(io.Discard, transform.NewReader(r, encoding.UTF8Validator))
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		return false, nil
	}
	return err == nil, err
}
