package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"grapevine/internal/edge"
)

// A file can be much larger than memory, so its body is read as it comes. fasthttp reads bodies so in all requests of a server
// or in none, and then every idle connection and every socket keeps its buffer of 40 KiB. So a connection that sends a file goes over to a
// second server, which reads it as it comes, and ends with the answer.

// uploadPath is the one path whose body is read as it comes.
const uploadPath = "/contacts/import"

func isUpload(h *fasthttp.RequestHeader) bool {
	if string(h.Method()) != fiber.MethodPost {
		return false
	}
	target, fault := edge.OriginForm(string(h.RequestURI()), string(h.Host())) // as the router sees it
	path, _, _ := strings.Cut(target, "?")
	return fault == "" && path == uploadPath
}

// newUploadServer makes the server for the connections that send a file.
func (s *Server) newUploadServer() *fasthttp.Server {
	first := s.app.Server()
	return &fasthttp.Server{
		Handler:                       first.Handler,
		ErrorHandler:                  first.ErrorHandler,
		HeaderReceived:                limitBodyTime,
		Name:                          first.Name,
		Logger:                        first.Logger,
		ReadBufferSize:                first.ReadBufferSize,
		WriteBufferSize:               first.WriteBufferSize,
		ReadTimeout:                   first.ReadTimeout,
		MaxRequestBodySize:            largeBody, // that is read before the handler runs; the rest comes as the handler reads
		StreamRequestBody:             true,
		DisableKeepalive:              true,
		DisablePreParseMultipartForm:  true,
		NoDefaultServerHeader:         first.NoDefaultServerHeader,
		NoDefaultDate:                 first.NoDefaultDate,
		NoDefaultContentType:          first.NoDefaultContentType,
		DisableHeaderNamesNormalizing: first.DisableHeaderNamesNormalizing,
	}
}

// handOver passes the connection of a request with a file to the second server, which reads the request again.
func (s *Server) handOver(c *fasthttp.RequestCtx) {
	head := requestHead(&c.Request.Header)
	c.HijackSetNoResponse(true)
	c.Hijack(func(conn net.Conn) {
		replayed := &replayedConn{Conn: conn, begin: bytes.NewReader(head)}
		_ = s.uploads.ServeConn(edge.Paced(replayed, pace, s.slow)) // the client learns of an error, or is gone
	})
}

// requestHead is the request line and the headers as they came. The client has been told to continue, if it asked.
func requestHead(h *fasthttp.RequestHeader) []byte {
	var head bytes.Buffer
	head.Write(h.Method())
	head.WriteByte(' ')
	head.Write(h.RequestURI())
	head.WriteByte(' ')
	head.Write(h.Protocol())
	head.WriteString("\r\n")
	for line := range bytes.Lines(h.RawHeaders()) {
		if name, _, _ := bytes.Cut(line, []byte(":")); !bytes.EqualFold(name, []byte(fiber.HeaderExpect)) {
			head.Write(line)
		}
	}
	if !bytes.HasSuffix(head.Bytes(), []byte("\r\n\r\n")) {
		head.WriteString("\r\n")
	}
	return head.Bytes()
}

// replayedConn reads the head of a request again before the rest of the connection.
type replayedConn struct {
	net.Conn
	begin *bytes.Reader
}

func (c *replayedConn) Read(p []byte) (int, error) {
	if n, err := c.begin.Read(p); !errors.Is(err, io.EOF) {
		return n, err
	}
	return c.Conn.Read(p)
}
