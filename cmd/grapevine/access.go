package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access"
	"grapevine/app"
	"grapevine/dataversion"
	"grapevine/watcher"
)

// accessCommand is what every command for users, tokens and sessions has. They work on MongoDB alone: every instance
// follows its documents.
type accessCommand struct {
	app.Connections `embed:""`
}

func (c *accessCommand) do(ctx context.Context, do func(*access.Access) error) error {
	return c.WithDatabase(func(db *mongo.Database) error {
		if err := dataversion.Check(ctx, db); err != nil {
			return err
		}
		clock, err := clockOf(ctx, db)
		if err != nil {
			return err
		}
		if err := watcher.PrepareControl(ctx, db); err != nil {
			return err
		}
		a := access.New(access.Config{DB: db, Clock: clock})
		if err := a.Prepare(ctx); err != nil {
			return err
		}
		return accessError(do(a))
	})
}

// clockOf is MongoDB's time, by which links and tokens end. The clock of this machine may be another one.
func clockOf(ctx context.Context, db *mongo.Database) (*grapevine.Clock, error) {
	var hello struct {
		Cluster struct {
			Time bson.Timestamp `bson:"clusterTime"`
		} `bson:"$clusterTime"`
	}
	if err := db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return nil, err
	}
	clock := &grapevine.Clock{}
	if hello.Cluster.Time.T > 0 {
		clock.Observe(hello.Cluster.Time.T, hello.Cluster.Time.I)
	}
	return clock, nil
}

// accessError shows which argument cannot be used.
func accessError(err error) error {
	refused, ok := errors.AsType[*grapevine.Error](err)
	if !ok {
		return err
	}
	if refused.Cause != nil {
		return fmt.Errorf("%s: %w", refused.Text(), refused.Cause)
	}
	if refused.Code == grapevine.Invalid || refused.Code == grapevine.NotFound {
		return argumentError{errors.New(refused.Text())}
	}
	return errors.New(refused.Text())
}

// linkCommand is what every command has that prints a link.
type linkCommand struct {
	accessCommand `embed:""`
	PublicURL     string `name:"public-url" env:"PUBLIC_URL" placeholder:"URL" help:"Where people open the page, as the instances have it. Empty means: ADDR, if that is a loopback address."`
	Addr          string `env:"ADDR" default:"127.0.0.1:8080" help:"Address on which the instances listen."`
}

// origin is the beginning of the link.
func (c *linkCommand) origin() (string, error) {
	if c.PublicURL != "" {
		origin, err := app.ParsePublicURL(c.PublicURL, true) // an instance judges whether http may be
		if err != nil {
			return "", argumentError{fmt.Errorf("--public-url: %w", err)}
		}
		return origin, nil
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if addr, _ := netip.ParseAddr(host); err != nil || host != "localhost" && !addr.IsLoopback() {
		return "", argumentError{fmt.Errorf("--public-url: set it (or PUBLIC_URL) to where people open the page, such as https://contacts.example.org: ADDR %q does not tell", c.Addr)}
	}
	return "http://" + c.Addr, nil
}

// print makes a link and prints it alone, so that a script can take it.
func (c *linkCommand) print(ctx context.Context, newLink func(*access.Access) (access.Link, error)) error {
	origin, err := c.origin()
	if err != nil {
		return err
	}
	return c.do(ctx, func(a *access.Access) error {
		link, err := newLink(a)
		if err == nil {
			fmt.Println(link.URL(origin))
		}
		return err
	})
}
