package store

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/derived"
)

// Fields of a contact's derived part. The names are those of [derived.Form].
const (
	formName    = fieldForm + ".name"
	formCompany = fieldForm + ".company"
	formCreated = fieldForm + ".created"
	formUpdated = fieldForm + ".updated"
	formWords   = fieldForm + ".w"
	formPhones  = fieldForm + ".p"
	formFacets  = fieldForm + ".f"
)

// readForm reads what a search needs of the derived part of a stored contact. It leaves out values of a wrong type.
func readForm(doc bson.Raw) (form derived.Form) {
	form.Name, _ = doc.Lookup(fieldForm, "name").StringValueOK()
	form.Words, form.Phones = textsOf(doc.Lookup(fieldForm, "w")), textsOf(doc.Lookup(fieldForm, "p"))
	return form
}

func textsOf(value bson.RawValue) (texts []string) {
	list, _ := value.ArrayOK()
	values, _ := list.Values()
	texts = make([]string, 0, len(values))
	for _, value := range append(values, value) { // a text in place of the list is one entry
		if text, ok := value.StringValueOK(); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
