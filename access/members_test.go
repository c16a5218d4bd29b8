package access

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"grapevine"
)

func TestAnAdminOfAWorkspaceManagesItsMembers(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	boss := addUser(t, a, "boss@example.com", member(Membership{"sales", grapevine.Admin}, Membership{"hr", grapevine.Editor}))
	bob := addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Viewer}, Membership{"hr", grapevine.Admin}))
	eve := addUser(t, a, "eve@example.com", member(Membership{"hr", grapevine.Viewer}))
	by := signIn(t, a, boss)

	set, err := a.SetMember(t.Context(), by, "sales", bob.ID.Hex(), grapevine.Editor)
	require.NoError(t, err)
	require.Equal(t, Member{ID: bob.ID.Hex(), Email: bob.Email, Name: bob.Name, Role: grapevine.Editor}, set)
	require.Equal(t, []Membership{{"sales", grapevine.Editor}, {"hr", grapevine.Admin}}, stored(t, a, bob.ID).Memberships)
	list, err := a.Members(t.Context(), "sales")
	require.NoError(t, err)
	require.Equal(t, []string{"bob@example.com", "boss@example.com"}, []string{list[0].Email, list[1].Email})

	_, err = a.SetMember(t.Context(), by, "hr", bob.ID.Hex(), grapevine.Viewer)
	requireCode(t, grapevine.Forbidden, err)
	requireCode(t, grapevine.Forbidden, a.RemoveMember(t.Context(), by, "hr", bob.ID.Hex()))
	_, err = a.SetMember(t.Context(), by, "new", bob.ID.Hex(), grapevine.Viewer)
	requireCode(t, grapevine.Forbidden, err)
	for _, id := range []string{eve.ID.Hex(), bson.NewObjectID().Hex(), "x"} {
		_, err = a.SetMember(t.Context(), by, "sales", id, grapevine.Viewer)
		requireCode(t, grapevine.NotFound, err)
		requireCode(t, grapevine.NotFound, a.RemoveMember(t.Context(), by, "sales", id))
	}
	_, err = a.SetMember(t.Context(), by, "sales", bob.ID.Hex(), "owner")
	requireCode(t, grapevine.Invalid, err)
	_, err = a.SetMember(t.Context(), aToken(by), "sales", bob.ID.Hex(), grapevine.Admin)
	requireCode(t, grapevine.Forbidden, err)

	require.NoError(t, a.RemoveMember(t.Context(), by, "sales", bob.ID.Hex()))
	require.Equal(t, []Membership{{"hr", grapevine.Admin}}, stored(t, a, bob.ID).Memberships)
	require.NoError(t, a.RemoveMember(t.Context(), by, "sales", boss.ID.Hex()), "the last admin of the workspace: those of the instance remain")
	_, err = a.SetMember(t.Context(), by, "sales", boss.ID.Hex(), grapevine.Admin)
	requireCode(t, grapevine.Forbidden, err)
}

func TestAnAdminOfTheInstanceNamesAWorkspace(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := addUser(t, a, "ada@example.com", anAdmin)
	bob := addUser(t, a, "bob@example.com", nil)
	_, err := a.users.UpdateByID(t.Context(), bob.ID, bson.M{"$unset": bson.M{"memberships": ""}})
	require.NoError(t, err)
	_, err = a.SetMember(t.Context(), signIn(t, a, ada), "new", bob.ID.Hex(), grapevine.Admin)
	require.NoError(t, err)
	require.Equal(t, []Membership{{"new", grapevine.Admin}}, stored(t, a, bob.ID).Memberships)
	_, err = a.SetMember(t.Context(), signIn(t, a, ada), "Not A Name", bob.ID.Hex(), grapevine.Admin)
	requireCode(t, grapevine.NotFound, err)
}

func TestARoleThatIsThereTwiceIsSetTwice(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	bob := addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Viewer}, Membership{"hr", grapevine.Viewer}, Membership{"sales", grapevine.Admin}))
	_, err := a.SetMember(t.Context(), CommandLine, "sales", bob.ID.Hex(), grapevine.Editor)
	require.NoError(t, err)
	require.Equal(t, map[string]grapevine.Role{"sales": grapevine.Editor, "hr": grapevine.Viewer}, stored(t, a, bob.ID).Roles())
	require.NoError(t, a.RemoveMember(t.Context(), CommandLine, "sales", bob.ID.Hex()))
	require.Equal(t, map[string]grapevine.Role{"hr": grapevine.Viewer}, stored(t, a, bob.ID).Roles())
}

// Memberships change by element: many changes at once lose none.
func TestChangesOfDifferentWorkspacesDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	bob := addUser(t, a, "bob@example.com", nil)
	var all errgroup.Group
	want := map[string]grapevine.Role{}
	for n := range 12 {
		workspace := fmt.Sprint("w", n)
		want[workspace] = grapevine.Editor
		all.Go(func() error {
			_, err := a.SetMember(context.Background(), CommandLine, workspace, bob.ID.Hex(), grapevine.Editor)
			return err
		})
	}
	require.NoError(t, all.Wait())
	require.Equal(t, want, stored(t, a, bob.ID).Roles())
	for range 4 {
		all.Go(func() error {
			_, err := a.SetMember(context.Background(), CommandLine, "same", bob.ID.Hex(), grapevine.Viewer)
			return err
		})
	}
	require.NoError(t, all.Wait())
	require.Len(t, stored(t, a, bob.ID).Memberships, 13, "one element for one workspace")
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	ada := signIn(t, a, addUser(t, a, "ada@example.com", anAdmin))
	bob := signIn(t, a, addUser(t, a, "bob@example.com", member(Membership{"sales", grapevine.Viewer}, Membership{"hr", grapevine.Editor})))
	_, _, err := a.CreateToken(t.Context(), ada, NewToken{Name: "t", Workspace: "tokens", Role: grapevine.Viewer})
	require.NoError(t, err)
	_, err = a.cfg.DB.Collection("contacts").InsertMany(t.Context(), []any{bson.M{"workspace": "old"}, bson.M{"workspace": "old"}, bson.M{"workspace": 7}, bson.M{}})
	require.NoError(t, err)
	list, err := a.Workspaces(t.Context(), bob)
	require.NoError(t, err)
	require.Equal(t, []Membership{{"hr", grapevine.Editor}, {"sales", grapevine.Viewer}}, list)
	list, err = a.Workspaces(t.Context(), ada)
	require.NoError(t, err)
	require.Equal(t, []Membership{{"default", grapevine.Admin}, {"hr", grapevine.Admin}, {"old", grapevine.Admin}, {"sales", grapevine.Admin}, {"tokens", grapevine.Admin}}, list)
	list, err = a.Workspaces(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, list)
}
