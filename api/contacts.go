package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/transfer"
)

const mergePatchJSON = "application/merge-patch+json"

func (s *Server) createContact(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	body, err := jsonBody(c, fiber.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	contact, bad := transfer.ContactFromJSON(body)
	if contact.Workspace == "" {
		contact.Workspace = workspace
	}
	if contact.Kind == "" {
		contact.Kind = grapevine.Person
	}
	if err := check(&contact, bad); err != nil {
		return err
	}
	idempotency := grapevine.Idempotency{Key: key}
	if key != "" {
		if idempotency.Fingerprint, err = fingerprint(contact); err != nil {
			return err
		}
	}
	contact, at, created, err := s.cfg.Contacts.Create(c.UserContext(), contact, idempotency)
	if err != nil {
		return err
	}
	if created {
		c.Status(fiber.StatusCreated)
	}
	c.Set(fiber.HeaderLocation, "/contacts/"+contact.ID)
	return s.written(c, contact, at)
}

func (s *Server) readContact(c *fiber.Ctx) error {
	workspace, id, err := target(c)
	if err != nil {
		return err
	}
	if _, err := parseParams(string(c.Context().URI().QueryString()), nil); err != nil {
		return err
	}
	return s.read(c, "contact:"+id, workspace, func(ctx context.Context, after grapevine.Position) ([]byte, error) {
		contact, err := s.cfg.Contacts.Get(ctx, workspace, id, after)
		switch {
		case err == nil:
			body, err := json.Marshal(contact)
			return loaded(contact.ETag, body), err
		case grapevine.ErrorCode(err) == grapevine.NotFound:
			return absent, nil
		}
		return nil, err
	})
}

func (s *Server) replaceContact(c *fiber.Ctx) error {
	body, err := jsonBody(c, fiber.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	next, bad := transfer.ContactFromJSON(body)
	return s.update(c, s.cfg.Contacts.Replace, bad, func(grapevine.Contact) (grapevine.Contact, transfer.FieldErrors) {
		return next, bad
	})
}

func (s *Server) patchContact(c *fiber.Ctx) error {
	patch, err := jsonBody(c, mergePatchJSON, fiber.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	return s.update(c, s.cfg.Contacts.Update, patchErrors(patch), func(current grapevine.Contact) (grapevine.Contact, transfer.FieldErrors) {
		return transfer.ContactFromJSON(mergePatch(transfer.JSONTree(current), patch))
	})
}

// patchErrors is what is wrong with a patch whatever it is applied to.
func patchErrors(patch any) transfer.FieldErrors {
	_, bad := transfer.ContactFromJSON(patch)
	object, _ := patch.(map[string]any)
	for _, name := range append([]string{"kind"}, transfer.ReadOnlyFields...) {
		if _, named := object[name]; named {
			bad.Add(transfer.Pointer("", name), "cannot be changed")
		}
	}
	return bad
}

// writer is the Update or the Replace of [Writer].
type writer func(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error)

// update replaces what a client may change of the contact in the request's path by what edit makes
// of it. bad is what is already known to be wrong; it is said after the contact was found, so that a
// client learns of a 404 or 412 first.
func (s *Server) update(c *fiber.Ctx, write writer, bad transfer.FieldErrors, edit func(current grapevine.Contact) (grapevine.Contact, transfer.FieldErrors)) error {
	workspace, id, err := target(c)
	if err != nil {
		return err
	}
	tags, err := ifMatch(c)
	if err != nil {
		return err
	}
	contact, at, err := write(c.UserContext(), workspace, id, tags, func(current grapevine.Contact) (grapevine.Contact, error) {
		if len(bad) > 0 {
			return current, invalid(bad.Sorted())
		}
		next, bad := edit(current)
		if next.Workspace == "" {
			next.Workspace = workspace
		}
		if next.Kind == "" {
			next.Kind = current.Kind
		}
		if current.Kind != "" && next.Kind != current.Kind {
			bad.Add("/kind", "cannot be changed")
		}
		next.ID, next.CreatedAt, next.UpdatedAt = current.ID, current.CreatedAt, current.UpdatedAt
		return next, check(&next, bad)
	})
	if err != nil {
		return err
	}
	return s.written(c, contact, at)
}

func (s *Server) deleteContact(c *fiber.Ctx) error {
	workspace, id, err := target(c)
	if err != nil {
		return err
	}
	tags, err := ifMatch(c)
	if err != nil {
		return err
	}
	at, err := s.cfg.Contacts.Delete(c.UserContext(), workspace, id, tags)
	if err != nil {
		return err
	}
	s.wrote(c, at)
	c.Status(fiber.StatusNoContent)
	return nil
}

// wrote says what is true of every write that MongoDB has taken.
func (s *Server) wrote(c *fiber.Ctx, at grapevine.Position) {
	s.mongoAnswered()
	c.Set(headerPosition, at.String())
}

// written answers a write with the contact as it now is.
func (s *Server) written(c *fiber.Ctx, contact grapevine.Contact, at grapevine.Position) error {
	s.wrote(c, at)
	body, err := json.Marshal(contact)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderETag, contact.ETag)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	return c.Send(body)
}

func jsonBody(c *fiber.Ctx, types ...string) (any, error) {
	if _, err := mediaType(c, types...); err != nil {
		return nil, err
	}
	return transfer.DecodeJSON(c.Request().Body())
}

// check normalises the contact and says everything that is wrong with it, what is already known
// included.
func check(c *grapevine.Contact, bad transfer.FieldErrors) error {
	if bad := transfer.Check(c, bad); len(bad) > 0 {
		return invalid(bad)
	}
	return nil
}

// fingerprint is equal for requests that would create the same contact.
func fingerprint(c grapevine.Contact) (string, error) {
	body, err := json.Marshal(transfer.JSONTree(c)) // maps are written in the order of their names
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), err
}
