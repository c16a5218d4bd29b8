package mongox

import (
	"errors"
	"io"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/description"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"grapevine/internal/tlsx"
)

// IsUnanswered reports an error of the driver that says that no server, or not the right one, can be reached.
func IsUnanswered(err error) bool {
	_, noServer := errors.AsType[topology.ServerSelectionError](err)
	return noServer || isOfClearedPool(err) || mongo.IsNetworkError(err)
}

// noServer says in plain words why the driver finds no server to work with, if err tells of that. The driver's own
// text is a dump of what it knows about all servers.
func noServer(err error) (text string, ok bool) {
	selection, ok := errors.AsType[topology.ServerSelectionError](err)
	if !ok {
		return "", false
	}
	if len(selection.Desc.Servers) == 0 {
		return "no server at the addresses of MONGO_URI belongs to its replica set; check replicaSet in MONGO_URI", true
	}
	var servers []string
	for _, server := range selection.Desc.Servers {
		servers = append(servers, server.Addr.String()+" ("+stateOf(server)+")")
	}
	return "no MongoDB that takes writes answers: " + strings.Join(servers, ", "), true
}

func stateOf(server description.Server) string {
	err := server.LastError
	switch {
	case server.Kind == description.ServerKindRSGhost:
		return "not part of a replica set yet; run rs.initiate() on it once"
	case server.Kind == description.ServerKindRSSecondary || server.Kind == description.ServerKindRSMember:
		return "a member of the replica set, which has no primary now"
	case err == nil:
		return "no answer yet"
	case tlsx.Remedy(err) != "":
		return tlsx.Remedy(err)
	case errors.Is(err, io.EOF) || strings.HasSuffix(err.Error(), "EOF"):
		return "it closes the connection; does one side use TLS and the other not? tls=true in MONGO_URI turns it on"
	case strings.Contains(err.Error(), "connection refused"):
		return "connection refused; start it, or correct MONGO_URI"
	case strings.Contains(err.Error(), "no such host"):
		return "no such host; correct the name in MONGO_URI"
	}
	return err.Error()
}
