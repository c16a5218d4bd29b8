package api

import (
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

func (s *Server) listContacts(c *fiber.Ctx) error { return s.list(c, "list?", listParams) }

func (s *Server) searchContacts(c *fiber.Ctx) error { return s.list(c, "search?", searchParams) }

func (s *Server) list(c *fiber.Ctx, field string, params []string) error {
	workspace, err := workspaceOf(c)
	if err != nil {
		return err
	}
	q, err := parseQuery(workspace, queryString(c), params)
	if err != nil {
		return err
	}
	return s.read(c, grapevine.WorkspaceScope(workspace), field+q.Key(), func(ctx context.Context, after grapevine.Position) ([]byte, error) {
		page, err := s.cfg.Contacts.List(ctx, q, after)
		if err != nil {
			return nil, err
		}
		if page.Items == nil {
			page.Items = []grapevine.ListItem{}
		}
		body, err := json.Marshal(page)
		return encodeCached(etagOf(body), body), err
	})
}

// stats answers with the counts of one statistic.
func (s *Server) stats(stat grapevine.Stat) fiber.Handler {
	return func(c *fiber.Ctx) error {
		workspace, err := workspaceOf(c)
		if err != nil {
			return err
		}
		if err := noParams(c); err != nil {
			return err
		}
		return s.read(c, grapevine.WorkspaceScope(workspace), "stats/"+string(stat), func(ctx context.Context, after grapevine.Position) ([]byte, error) {
			counts, err := s.cfg.Contacts.Stats(ctx, workspace, stat, after)
			if err != nil {
				return nil, err
			}
			body, err := statsJSON(stat, counts)
			return encodeCached(etagOf(body), body), err
		})
	}
}

func statsJSON(stat grapevine.Stat, counts []grapevine.StatCount) ([]byte, error) {
	items := make([]map[string]any, len(counts))
	for i, n := range counts {
		items[i] = map[string]any{string(stat): n.Value, "count": n.Count}
	}
	return json.Marshal(map[string]any{"items": items})
}
