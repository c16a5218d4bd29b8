package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/transfer"
)

// patchTypes are the media types of a PATCH.
var patchTypes = []string{"application/merge-patch+json", fiber.MIMEApplicationJSON}

func (s *Server) createContact(c *fiber.Ctx) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	body, err := s.jsonBody(c, fiber.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	contact, bad := transfer.ContactFromJSON(body)
	contact.Workspace = cmp.Or(contact.Workspace, workspace)
	contact.Kind = cmp.Or(contact.Kind, grapevine.Person)
	if err := refuseBody(body, bad.With(contact.Validate())); err != nil {
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
	return s.respondContact(c, contact, at)
}

func (s *Server) readContact(c *fiber.Ctx) error {
	workspace, id, err := contactTarget(c)
	if err != nil {
		return err
	}
	if err := noParams(c); err != nil {
		return err
	}
	return s.read(c, grapevine.ContactScope(id), workspace, func(ctx context.Context, after grapevine.Position) ([]byte, error) {
		contact, err := s.cfg.Contacts.Get(ctx, workspace, id, after)
		switch {
		case err == nil:
			body, err := json.Marshal(contact)
			return encodeCached(contact.ETag, body), err
		case grapevine.ErrorCode(err) == grapevine.NotFound:
			return missingMarker, nil
		}
		return nil, err
	})
}

func (s *Server) replaceContact(c *fiber.Ctx) error {
	body, err := s.jsonBody(c, fiber.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	next, bad := transfer.ContactFromJSON(body)
	return s.update(c, s.cfg.Contacts.Replace, func(current grapevine.Contact) (grapevine.Contact, error) {
		if err := refuse(bad.Sorted()); err != nil {
			return current, err
		}
		next := next
		kind := completeEdit(current, &next)
		return next, refuseBody(body, kind.With(next.Validate()))
	})
}

func (s *Server) patchContact(c *fiber.Ctx) error {
	patch, err := s.jsonBody(c, patchTypes...)
	if err != nil {
		return err
	}
	bad := patchErrors(patch)
	return s.update(c, s.cfg.Contacts.Update, func(current grapevine.Contact) (grapevine.Contact, error) {
		if err := refuse(bad.Sorted()); err != nil {
			return current, err
		}
		next, _ := transfer.ContactFromJSON(applyMergePatch(transfer.JSONTree(current), transfer.ExpandShorthands(patch, &current))) // patchErrors found none
		kind := completeEdit(current, &next)
		return next, refuseBody(patch, kind.With(next.ValidateEdit(&current)))
	})
}

// patchErrors returns the errors of a patch that do not depend on the contact.
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

// completeEdit takes from the current contact the values that a request leaves out or cannot change. It returns what is
// wrong with the kind.
func completeEdit(current grapevine.Contact, next *grapevine.Contact) (bad transfer.FieldErrors) {
	next.ID, next.CreatedAt, next.UpdatedAt = current.ID, current.CreatedAt, current.UpdatedAt
	next.Workspace = cmp.Or(next.Workspace, current.Workspace)
	next.Kind = cmp.Or(next.Kind, current.Kind)
	if current.Kind != "" && next.Kind != current.Kind {
		bad.Add("/kind", "cannot be changed")
	}
	return bad
}

type (
	editFunc = func(current grapevine.Contact) (grapevine.Contact, error)
	// writeFunc is Update or Replace of [Writer].
	writeFunc func(ctx context.Context, workspace, id string, ifMatch []string, edit editFunc) (grapevine.Contact, grapevine.Position, error)
)

// update writes the result of edit for the contact in the request's path. edit may run more than once. edit also
// refuses an unacceptable body, so that a 404 or 412 takes precedence over a 422.
func (s *Server) update(c *fiber.Ctx, write writeFunc, edit editFunc) error {
	workspace, id, err := contactTarget(c)
	if err != nil {
		return err
	}
	tags, err := ifMatch(c)
	if err != nil {
		return err
	}
	contact, at, err := write(c.UserContext(), workspace, id, tags, edit)
	if err != nil {
		return err
	}
	return s.respondContact(c, contact, at)
}

func (s *Server) deleteContact(c *fiber.Ctx) error {
	workspace, id, err := contactTarget(c)
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
	s.setWriteHeaders(c, at)
	c.Status(fiber.StatusNoContent)
	return nil
}

// setWriteHeaders sets the headers of every write that MongoDB has accepted.
func (s *Server) setWriteHeaders(c *fiber.Ctx, at grapevine.Position) {
	s.mongoAnswered()
	c.Set(headerPosition, at.String())
}

// respondContact answers a write with the contact as it is after it.
func (s *Server) respondContact(c *fiber.Ctx, contact grapevine.Contact, at grapevine.Position) error {
	s.setWriteHeaders(c, at)
	body, err := json.Marshal(contact)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderETag, contact.ETag)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	return c.Send(body)
}

func (s *Server) jsonBody(c *fiber.Ctx, types ...string) (any, error) {
	if _, err := mediaType(c, types...); err != nil {
		return nil, err
	}
	if len(c.Request().Body()) > largeBody {
		end, err := s.takeTurn(c.UserContext())
		if err != nil {
			return nil, err
		}
		defer end()
	}
	return transfer.DecodeJSON(c.Request().Body())
}

// refuseBody is the error of a body with something wrong in it, or nil.
func refuseBody(body any, bad transfer.FieldErrors) error {
	transfer.NameShorthands(body, bad)
	return refuse(bad)
}

// refuse is the error of a request with something wrong in it, or nil.
func refuse(bad transfer.FieldErrors) error {
	if len(bad) > 0 {
		return invalid(bad)
	}
	return nil
}

// fingerprint is equal for requests that would create the same contact.
func fingerprint(c grapevine.Contact) (string, error) {
	body, err := json.Marshal(transfer.JSONTree(c)) // maps are written in the order of their keys
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), err
}
