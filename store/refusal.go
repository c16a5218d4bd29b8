package store

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/mongox"
)

// Codes with which an index refuses a document. No index of ours does; somebody else added it.
var indexCodes = []int{
	171,   // CannotIndexParallelArrays: the index has two fields with a list
	16755, // the index is for places, and a value is no place
	16766, // the index is hashed, and a value is a list
	17280, // KeyTooLong
}

// Limits of the reasons that an answer repeats from MongoDB.
const (
	maxReasons = 20
	maxReason  = 200 // bytes
)

// refusal returns the error of a contact that MongoDB does not accept because of an index or a validator that somebody
// added, and nil for any other error. It names the fields.
func refusal(err error) *grapevine.Error {
	reply := refusedReply(err)
	switch {
	case mongox.HasCode(err, codeDuplicateKey):
		keys, _ := reply.Lookup("keyPattern").DocumentOK()
		var names []string
		var fields []grapevine.FieldError
		elements, _ := keys.Elements()
		for _, element := range elements {
			names = append(names, element.Key())
			name, _, _ := strings.Cut(element.Key(), ".")
			if grapevine.FieldNamed(name) != nil {
				fields = append(fields, grapevine.FieldError{Pointer: "/" + name, Detail: "is taken by another contact"})
			}
		}
		message := "another contact has the same " + strings.Join(names, ", ") + ", and an index of this MongoDB allows it once"
		if len(names) == 0 {
			message = "an index of this MongoDB allows a value of the contact once, and another contact has it"
		}
		return &grapevine.Error{Code: grapevine.Conflict, Message: message, Fields: fields, Cause: err}
	case mongox.HasCode(err, indexCodes...):
		return &grapevine.Error{Code: grapevine.Conflict, Message: "an index of this MongoDB does not accept the contact: " + firstLine(err.Error()), Cause: err}
	case mongox.HasCode(err, codeValidationFailed):
		return &grapevine.Error{Code: grapevine.Invalid, Message: "MongoDB's validator does not accept the contact", Fields: reasons(reply), Cause: err}
	}
	return nil
}

// refusedReply is the part of MongoDB's reply that is about the refused contact.
func refusedReply(err error) bson.Raw {
	if bulk, ok := errors.AsType[mongo.BulkWriteException](err); ok && len(bulk.WriteErrors) > 0 {
		return bulk.WriteErrors[0].Raw
	}
	if write, ok := errors.AsType[mongo.WriteException](err); ok && len(write.WriteErrors) > 0 {
		return write.WriteErrors[0].Raw
	}
	if command, ok := errors.AsType[mongo.CommandError](err); ok {
		return command.Raw
	}
	return nil
}

// reasons are the reasons of a validator. MongoDB nests them by field.
func reasons(reply bson.Raw) (found []grapevine.FieldError) {
	add := func(pointer, detail string) {
		e := grapevine.FieldError{Pointer: pointer, Detail: "MongoDB's validator: " + firstLine(detail)}
		if len(found) < maxReasons && !slices.Contains(found, e) {
			found = append(found, e)
		}
	}
	var visit func(v bson.RawValue, pointer string)
	visit = func(v bson.RawValue, pointer string) {
		doc, isDocument := v.DocumentOK()
		if list, ok := v.ArrayOK(); ok {
			doc = bson.Raw(list)
		} else if !isDocument {
			return
		}
		if isDocument {
			if name, ok := doc.Lookup("propertyName").StringValueOK(); ok {
				pointer += "/" + name
			}
			if i, ok := doc.Lookup("itemIndex").AsInt64OK(); ok {
				pointer += "/" + strconv.FormatInt(i, 10)
			}
			if missing, ok := doc.Lookup("missingProperties").ArrayOK(); ok {
				names, _ := missing.Values()
				for _, name := range names {
					if text, ok := name.StringValueOK(); ok {
						add(pointer+"/"+text, "is required")
					}
				}
			}
			// The reason of a document with details is a summary of them.
			if reason, ok := doc.Lookup("reason").StringValueOK(); ok && doc.Lookup("details").IsZero() {
				asked, _ := bson.MarshalExtJSON(bson.D{{Key: "must", Value: doc.Lookup("specifiedAs")}}, false, false)
				add(pointer, reason+" "+string(asked))
			}
		}
		elements, _ := doc.Elements()
		for _, element := range elements {
			if key := element.Key(); key != "specifiedAs" && key != "consideredValue" && key != "consideredValues" {
				visit(element.Value(), pointer)
			}
		}
	}
	visit(reply.Lookup("errInfo"), "")
	return found
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > maxReason {
		line = strings.ToValidUTF8(line[:maxReason], "") + "…"
	}
	return line
}
