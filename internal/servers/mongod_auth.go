package servers

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The administrator of a mongod with access control.
const (
	RootUser     = "root"
	RootPassword = "root-password"
)

// StartMongodWithAuth is [StartMongod] with access control. The only user is the administrator. The URI has no
// user: see [Mongod.URIOf].
func StartMongodWithAuth(ctx context.Context, program Program, dir string) (*Mongod, error) {
	m, err := StartMongod(ctx, program, dir, 0)
	if err != nil {
		return nil, err
	}
	if err := m.requireAuth(ctx); err != nil {
		m.Kill()
		return nil, err
	}
	return m, nil
}

func (m *Mongod) requireAuth(ctx context.Context) error {
	keyFile := filepath.Join(m.dir, "keyfile")
	if err := os.WriteFile(keyFile, []byte("keyOfTheMembersOfThisReplicaSet"), 0o400); err != nil {
		return err
	}
	admin, disconnect, err := m.admin()
	if err != nil {
		return err
	}
	defer disconnect()
	err = admin.RunCommand(ctx, bson.D{
		{Key: "createUser", Value: RootUser}, {Key: "pwd", Value: RootPassword}, {Key: "roles", Value: bson.A{"root"}},
	}).Err()
	if err != nil {
		return fmt.Errorf("create the administrator: %w", err)
	}
	if err := m.Stop(ctx); err != nil {
		return err
	}
	m.args = append(m.args, "--keyFile", keyFile)
	m.root = &options.Credential{Username: RootUser, Password: RootPassword}
	if err := m.Restart(ctx); err != nil {
		return err
	}
	return m.waitPrimary(ctx)
}

// URIOf is the URI of the node with a user, whose account is in the database admin.
func (m *Mongod) URIOf(user, password string) string {
	return fmt.Sprintf("mongodb://%s@127.0.0.1:%d/?replicaSet=rs0&authSource=admin", url.UserPassword(user, password), m.Port)
}
