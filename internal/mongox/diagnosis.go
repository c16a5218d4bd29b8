package mongox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Diagnosis says why the driver finds no server to work with.
type Diagnosis struct {
	Standalone string // a server that is no member of a replica set; waiting does not help
	Message    string // one sentence; empty if nothing was found
}

const diagnosisTimeout = time.Second // of each step

// greeting is the reply to hello.
type greeting struct {
	Set          string `bson:"setName"`
	Primary      string `bson:"primary"`
	Message      string `bson:"msg"`
	NotInitiated bool   `bson:"isreplicaset"` // started with --replSet, before rs.initiate()
}

// Diagnose asks each server of the options by itself, without a sign-in. The driver's own error says only that no
// server could be selected. It calls makeOptions for each server, because it changes the options.
func Diagnose(ctx context.Context, makeOptions func() (*options.ClientOptions, error)) Diagnosis {
	opts, err := makeOptions()
	if err != nil {
		return Diagnosis{}
	}
	var silent []string
	for _, host := range opts.Hosts {
		if err := dial(ctx, host); err != nil {
			silent = append(silent, host+" ("+dialReason(err)+")")
			continue
		}
		hello, err := greet(ctx, makeOptions, host)
		if err != nil {
			silent = append(silent, host+" (it accepts connections and does not answer; do both sides use TLS, or neither?)")
			continue
		}
		if found := hello.diagnose(ctx, host, opts.ReplicaSet); found.Message != "" {
			return found
		}
	}
	if len(silent) == 0 {
		return Diagnosis{}
	}
	return Diagnosis{Message: "MongoDB does not answer at " + strings.Join(silent, ", ") + ". Check that it runs and that MONGO_URI leads to it."}
}

// diagnose looks for what keeps the driver from using the server at host.
func (g greeting) diagnose(ctx context.Context, host string, wanted *string) Diagnosis {
	switch {
	case g.NotInitiated:
		return Diagnosis{Message: fmt.Sprintf("The mongod at %s is not part of a replica set yet. Run rs.initiate() on it once.", host)}
	case g.Set == "" && g.Message != "isdbgrid": // isdbgrid: a sharded cluster
		return Diagnosis{Standalone: host, Message: fmt.Sprintf("The mongod at %s runs alone and so has no change streams. Start it with --replSet rs0 and run rs.initiate() once.", host)}
	case wanted != nil && g.Set != *wanted && g.Set != "":
		return Diagnosis{Message: fmt.Sprintf("The mongod at %s is of the set %s, and MONGO_URI says %s. Write replicaSet=%s.", host, g.Set, *wanted, g.Set)}
	case g.Set != "" && g.Primary == "":
		return Diagnosis{Message: fmt.Sprintf("The replica set %s has no primary. It elects one when a majority of its members runs.", g.Set)}
	case g.Primary != "" && g.Primary != host:
		if err := dial(ctx, g.Primary); err != nil {
			return Diagnosis{Message: fmt.Sprintf("The replica set %s calls its primary %s, which cannot be reached from here (%s). Make this name reachable, or reconfigure the set.", g.Set, g.Primary, dialReason(err))}
		}
	}
	return Diagnosis{}
}

func dial(ctx context.Context, host string) error {
	network := "tcp"
	if strings.HasSuffix(host, ".sock") {
		network = "unix"
	}
	conn, err := (&net.Dialer{Timeout: diagnosisTimeout}).DialContext(ctx, network, host)
	if err != nil {
		return err
	}
	return conn.Close()
}

// dialReason is the part of the error that says why.
func dialReason(err error) string {
	var unknown *net.DNSError
	var call *net.OpError
	switch {
	case errors.As(err, &unknown):
		return "no such host"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	case errors.As(err, &call):
		reason := call.Err.Error()
		if _, after, ok := strings.Cut(reason, ": "); ok {
			reason = after
		}
		return reason
	}
	return "no connection"
}

func greet(ctx context.Context, makeOptions func() (*options.ClientOptions, error), host string) (hello greeting, err error) {
	opts, err := makeOptions()
	if err != nil {
		return hello, err
	}
	opts.Hosts, opts.ReplicaSet, opts.Auth = []string{host}, nil, nil
	opts.LoadBalanced, opts.SRVServiceName, opts.SRVMaxHosts = nil, nil, nil
	client, err := mongo.Connect(opts.SetDirect(true).SetServerSelectionTimeout(diagnosisTimeout).SetConnectTimeout(diagnosisTimeout))
	if err != nil {
		return hello, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), diagnosisTimeout)
		defer cancel()
		_ = client.Disconnect(ctx)
	}()
	err = client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	return hello, err
}
