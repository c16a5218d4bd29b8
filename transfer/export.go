package transfer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"grapevine"
	"grapevine/transfer/tables"
	"grapevine/transfer/vcards"
)

// Format is a file format for exports. An import of a file that holds all contacts gives equal contacts: the file says that
// Grapevine wrote it, so that no rule for the files of other programs applies.
type Format struct {
	MediaType string // with its parameters
	Suffix    string // of the file name, without the dot
	Head      string // text before the first contact
	Write     func(io.Writer, *grapevine.Contact) error
}

// Formats are the export formats by name.
var Formats = map[string]Format{
	FormatTable:     {MediaType: "text/csv; charset=utf-8; header=present", Suffix: "csv", Head: tableHead(), Write: tables.Write},
	FormatVCard:     {MediaType: "text/vcard; charset=utf-8; version=3.0", Suffix: "vcf", Write: writeCard(vcards.V3)},
	"vcard4":        {MediaType: "text/vcard; charset=utf-8; version=4.0", Suffix: "vcf", Write: writeCard(vcards.V4)},
	FormatJSONLines: {MediaType: "application/x-ndjson; charset=utf-8", Suffix: "ndjson", Head: `{"` + OwnMark + `":"contacts"}` + "\n", Write: writeJSONLine},
}

// OwnMark is the name of the one member of the first line of our own JSON lines.
const OwnMark = "Grapevine"

// tableHead is the first line of a table.
func tableHead() string {
	var head bytes.Buffer
	_ = tables.WriteHead(&head) // a buffer takes everything
	return head.String()
}

func writeCard(version vcards.Version) func(io.Writer, *grapevine.Contact) error {
	return func(w io.Writer, c *grapevine.Contact) error { return vcards.Write(w, c, version) }
}

// writeJSONLine writes a contact as the API shows it.
func writeJSONLine(w io.Writer, c *grapevine.Contact) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(c); err != nil {
		return fmt.Errorf("write a line of JSON: %w", err)
	}
	return nil
}
