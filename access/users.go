package access

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Limits of a page of users.
const (
	usersPage    = 100
	maxUsersPage = 500
)

// UserInfo is a user without secrets.
type UserInfo struct {
	ID          string         `json:"id"`
	Email       string         `json:"email"`
	Name        string         `json:"name"`
	Admin       bool           `json:"admin"` // of the instance
	Disabled    bool           `json:"disabled"`
	Memberships []Membership   `json:"memberships"`
	Password    bool           `json:"password"` // can sign in with one
	SSO         bool           `json:"sso"`      // is linked to a provider of single sign-on
	CreatedAt   grapevine.Time `json:"createdAt"`
	Unfit       bool           `json:"unfit,omitempty"` // the document does not fit its schema and gives no rights
}

func (u *User) info() UserInfo {
	memberships := u.Memberships
	if memberships == nil {
		memberships = []Membership{}
	}
	return UserInfo{
		ID: u.ID.Hex(), Email: u.Email, Name: u.Name, Admin: u.Admin, Disabled: u.Disabled, Memberships: memberships,
		Password: u.Password != "", SSO: u.OIDC != nil, CreatedAt: grapevine.Time{Time: u.CreatedAt},
	}
}

// UserPage is a part of the users, by e-mail address.
type UserPage struct {
	Users []UserInfo `json:"users"`
	Next  string     `json:"next,omitempty"` // what After of the next page is; empty: this is the last one
}

// Users lists the users whose e-mail addresses are behind after. limit is 1 to 500; zero means 100.
func (a *Access) Users(ctx context.Context, after string, limit int) (page UserPage, err error) {
	if limit <= 0 {
		limit = usersPage
	}
	limit = min(limit, maxUsersPage)
	page.Users = []UserInfo{}
	err = call(ctx, "list the users", func(ctx context.Context) error {
		cursor, err := a.users.Find(ctx, bson.D{{Key: "email", Value: bson.D{{Key: "$gt", Value: after}}}},
			options.Find().SetSort(bson.D{{Key: "email", Value: 1}}).SetLimit(int64(limit)+1))
		if err != nil {
			return err
		}
		var found []bson.Raw
		if err := cursor.All(ctx, &found); err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			page.Next, _ = found[limit-1].Lookup("email").StringValueOK()
		}
		for _, raw := range found {
			page.Users = append(page.Users, infoOf(raw))
		}
		return nil
	})
	return page, err
}

// infoOf also shows a user whose document does not fit, so that somebody sees and mends it.
func infoOf(raw bson.Raw) UserInfo {
	if u, err := decodeUser(raw); err == nil {
		return u.info()
	}
	info := UserInfo{Memberships: []Membership{}, Unfit: true}
	if id, ok := raw.Lookup("_id").ObjectIDOK(); ok {
		info.ID = id.Hex()
	}
	info.Email, _ = raw.Lookup("email").StringValueOK()
	info.Name, _ = raw.Lookup("name").StringValueOK()
	return info
}

// UserByEmail finds a user for the command line.
func (a *Access) UserByEmail(ctx context.Context, email string) (UserInfo, error) {
	normal, err := NormalizeEmail(email)
	if err != nil {
		return UserInfo{}, err
	}
	var info UserInfo
	err = call(ctx, "find the user", func(ctx context.Context) error {
		u, err := a.target(ctx, bson.D{{Key: "email", Value: normal}})
		if err == nil {
			info = u.info()
		}
		return err
	})
	return info, err
}

// target is the user whom somebody wants to change.
func (a *Access) target(ctx context.Context, filter bson.D) (*User, error) {
	u, err := a.findUser(ctx, filter)
	switch {
	case isAbsent(err):
		return nil, noUser()
	case errors.Is(err, errUnfit):
		return nil, refuse(grapevine.Conflict, "The document of this user does not fit the schema of users. Correct it in mongosh, or delete the user.")
	}
	return u, err
}
