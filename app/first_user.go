package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"grapevine/access"
)

// firstUser makes the admin of the settings, and then the link to make the first user, if there is nobody yet. Of instances that
// start together one makes the link.
func (a *App) firstUser(ctx context.Context) error {
	if a.access == nil {
		return nil
	}
	if err := a.ensureAdmin(ctx); err != nil {
		return err
	}
	link, err := a.access.FirstLink(ctx)
	if err != nil || link == nil {
		return err
	}
	printFirstLink(cmp.Or[io.Writer](a.config.FirstLinkTo, os.Stderr), *link, a.publicURL())
	a.log.Info("a link to make the first user was printed to the standard error", "invitation", link.ID, "expiresAt", link.ExpiresAt)
	return nil
}

// ensureAdmin makes the user of ADMIN_EMAIL, unless somebody has the address. Settings have no name: the part before the @
// stands for it until the user writes another.
func (a *App) ensureAdmin(ctx context.Context) error {
	if a.config.AdminEmail == "" {
		return nil
	}
	name, _, _ := strings.Cut(a.config.AdminEmail, "@")
	_, err := a.access.EnsureAdmin(ctx, a.config.AdminEmail, name, a.config.adminPassword.Reveal())
	return err
}

// printFirstLink is the one place where the program prints a secret. The log is kept in more places than the standard error.
func printFirstLink(to io.Writer, link access.Link, publicURL string) {
	fmt.Fprintf(to, "\nNobody can sign in yet. Open this link to make the first user; it is good until %s, and once:\n\n  %s\n\nA later start prints a new one, and so does grapevine user invite --admin EMAIL.\n\n",
		link.ExpiresAt.Local().Format("15:04 MST"), link.URL(publicURL))
}
