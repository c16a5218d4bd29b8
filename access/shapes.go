package access

import (
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Limits of stored texts, in characters.
const (
	maxName    = 200
	maxEmail   = 254
	maxBrowser = 400
)

// Patterns of stored texts.
const (
	emailPattern     = `^[!-?\[-~]+@[!-?\[-~]+$` // see NormalizeEmail: ASCII without capital letters
	hashPattern      = "^[0-9a-f]{64}$"
	workspacePattern = "^[a-z0-9][a-z0-9-]{0,62}$"
)

var (
	aText     = types(bson.TypeString)
	aBool     = types(bson.TypeBoolean)
	anID      = types(bson.TypeObjectID)
	aDate     = types(bson.TypeDateTime)
	maybeText = types(bson.TypeString, bson.TypeNull)
	maybeID   = types(bson.TypeObjectID, bson.TypeNull)
	maybeDate = types(bson.TypeDateTime, bson.TypeNull)

	anEmail = rules{pattern: regexp.MustCompile(emailPattern), least: 3, most: maxEmail}
)

var workspaceRoles = []grapevine.Role{grapevine.Viewer, grapevine.Editor, grapevine.Admin}

func membershipShape() shape {
	return shape{
		{name: "workspace", required: true, types: aText, rules: pattern(workspacePattern)},
		{name: "role", required: true, types: aText, rules: oneOf(workspaceRoles...)},
	}
}

// userShape does not require what gives no right by its absence.
var userShape = shape{
	{name: "_id", required: true, types: anID},
	{name: "email", required: true, types: aText, rules: anEmail},
	{name: "name", types: aText, rules: length(0, maxName)},
	{name: "password", types: maybeText, rules: length(1, 1000)},
	{name: "epoch", types: types(bson.TypeInt32, bson.TypeInt64, bson.TypeDouble), rules: rules{whole: true}},
	{name: "admin", types: aBool},
	{name: "memberships", types: types(bson.TypeArray), fields: membershipShape()},
	{name: "oidc", types: types(bson.TypeEmbeddedDocument, bson.TypeNull), fields: shape{
		{name: "issuer", required: true, types: aText, rules: length(1, 2000)},
		{name: "subject", required: true, types: aText, rules: length(1, 2000)},
	}},
	{name: "disabled", types: aBool},
	{name: "createdAt", types: aDate},
}

var sessionShape = shape{
	{name: "_id", required: true, types: aText, rules: pattern(hashPattern)},
	{name: "id", required: true, types: aText, rules: length(1, 100)},
	{name: "user", required: true, types: anID},
	{name: "stamp", required: true, types: aText, rules: length(1, 200)},
	{name: "createdAt", required: true, types: aDate},
	{name: "seenAt", types: aDate},
	{name: "expiresAt", required: true, types: aDate},
	{name: "address", types: aText, rules: length(0, 100)},
	{name: "browser", types: aText, rules: length(0, maxBrowser)},
}

// tokenShape requires user, because its absence must not make a token of the instance.
var tokenShape = shape{
	{name: "_id", required: true, types: aText, rules: pattern(hashPattern)},
	{name: "id", required: true, types: aText, rules: length(1, 100)},
	{name: "prefix", types: aText, rules: length(0, 8)},
	{name: "name", types: aText, rules: length(0, maxName)},
	{name: "user", required: true, types: maybeID},
	{name: "workspace", types: maybeText, rules: pattern(workspacePattern)},
	{name: "role", required: true, types: aText, rules: oneOf(append(workspaceRoles[:3:3], RoleMetrics)...)},
	{name: "createdAt", types: aDate},
	{name: "expiresAt", types: maybeDate},
	{name: "usedAt", types: maybeDate},
}

var invitationShape = shape{
	{name: "_id", required: true, types: aText, rules: pattern(hashPattern)},
	{name: "id", required: true, types: aText, rules: length(1, 100)},
	{name: "kind", required: true, types: aText, rules: oneOf(KindInvite, KindReset, KindSetup)},
	{name: "email", types: aText, rules: anEmail},
	{name: "user", types: maybeID},
	{name: "memberships", types: types(bson.TypeArray), fields: membershipShape()},
	{name: "admin", types: aBool},
	{name: "by", types: maybeID},
	{name: "createdAt", types: aDate},
	{name: "expiresAt", required: true, types: aDate},
	{name: "usedAt", types: aDate},
}

// ofRole is the rule of tokens that joins two fields: a token belongs to one workspace, except for the role metrics.
var ofRole = bson.E{Key: "oneOf", Value: bson.A{
	bson.D{
		{Key: "required", Value: bson.A{"workspace"}},
		{Key: "properties", Value: bson.D{{Key: "workspace", Value: bson.D{{Key: "bsonType", Value: "string"}}}, {Key: "role", Value: oneOf(workspaceRoles...).schema()}}},
	},
	bson.D{{Key: "properties", Value: bson.D{{Key: "workspace", Value: bson.D{{Key: "bsonType", Value: "null"}}}, {Key: "role", Value: oneOf(RoleMetrics).schema()}}}},
}}
