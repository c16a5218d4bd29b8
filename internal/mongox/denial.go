package mongox

import (
	"errors"
	"fmt"
	"regexp"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Error codes of MongoDB about users and their rights.
const (
	codeUnauthorized         = 13
	codeAuthenticationFailed = 18
	codeAtlas                = 8000 // Atlas answers some refusals with a code of its own
)

// Denial says what MongoDB refuses to the user of a connection.
type Denial struct {
	SignIn    bool   // the user name or the password is wrong, or there is no user
	Right     string // the missing right, such as "insert"; empty if SignIn
	Namespace string // the database, or the database and the collection
	Role      string // the built-in role that has the right; may be empty
	message   string
}

// Message is one sentence or two that say what is missing and what to do. It holds no part of a secret.
func (d Denial) Message() string { return d.message }

var (
	deniedCommand = regexp.MustCompile(`(?s)^not authorized on (\S+) to execute command \{ (\w+): (?:"([^"]*)")?`)
	needsSignIn   = regexp.MustCompile(`requires authentication$`)
	failedSignIn  = regexp.MustCompile(`auth error: .*\((AuthenticationFailed|AtlasError)\)`)
	deniedByAtlas = regexp.MustCompile(`user is not allowed to do action \[(\w+)\] on \[([^.\]]+)(?:\.([^\]]*))?\]`)
	changeStream  = regexp.MustCompile(`\$changeStream`)
)

// right is an action in MongoDB's access control and the weakest built-in role that has it.
type right struct{ action, role string }

// rights are the rights that commands need, by the command's name.
var rights = map[string]right{
	"find": {"find", "read"}, "aggregate": {"find", "read"}, "getMore": {"find", "read"}, "count": {"find", "read"}, "distinct": {"find", "read"},
	"listCollections": {"listCollections", "read"}, "listIndexes": {"listIndexes", "read"},
	"insert": {"insert", "readWrite"}, "update": {"update", "readWrite"}, "findAndModify": {"update", "readWrite"}, "delete": {"remove", "readWrite"},
	"create": {"createCollection", "readWrite"}, "createIndexes": {"createIndex", "readWrite"}, "dropIndexes": {"dropIndex", "readWrite"},
	"collMod": {"collMod", "dbAdmin"},
}

// DenialOf returns what MongoDB refuses, if err is such a refusal. The driver's own text quotes the whole command,
// which may be thousands of characters.
func DenialOf(err error) (Denial, bool) {
	if isOfClearedPool(err) {
		return wrongPassword, failedSignIn.MatchString(err.Error())
	}
	command, ok := errors.AsType[mongo.CommandError](err)
	if !ok {
		return Denial{}, false
	}
	switch command.Code {
	case codeAuthenticationFailed:
		return wrongPassword, true
	case codeUnauthorized:
		if needsSignIn.MatchString(command.Message) {
			return noUser, true
		}
		if parts := deniedCommand.FindStringSubmatch(command.Message); parts != nil {
			needed := rights[parts[2]]
			if changeStream.MatchString(command.Message) {
				needed = right{"changeStream", "read"}
			}
			if needed.action == "" {
				needed.action = parts[2]
			}
			return missing(needed, parts[1], parts[3]), true
		}
		return Denial{Right: "unknown", message: "MongoDB refuses a right to the user of MONGO_URI. The built-in roles readWrite and dbAdmin on the database have all that are needed."}, true
	case codeAtlas:
		if parts := deniedByAtlas.FindStringSubmatch(command.Message); parts != nil {
			return missing(right{action: parts[1]}, parts[2], parts[3]), true
		}
		return wrongPassword, true
	}
	return Denial{}, false
}

var (
	wrongPassword = Denial{SignIn: true, message: "MongoDB refused the user name or the password in MONGO_URI. " +
		"Check both, and authSource: it names the database that holds the account, usually authSource=admin."}
	noUser = Denial{SignIn: true, message: "MongoDB asks for a user, and MONGO_URI has none. Write mongodb://user:password@host/?authSource=admin."}
)

func missing(needed right, database, collection string) Denial {
	d := Denial{Right: needed.action, Namespace: database, Role: needed.role}
	if collection != "" {
		d.Namespace += "." + collection
	}
	d.message = fmt.Sprintf("The user of MONGO_URI lacks the right %s on %s. ", d.Right, d.Namespace)
	if d.Role == "" {
		d.message += "Grant it."
	} else {
		d.message += fmt.Sprintf("Grant the built-in role %s on the database %s, or a role of your own with this right.", d.Role, database)
	}
	return d
}
