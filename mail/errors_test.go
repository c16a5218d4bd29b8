package mail_test

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/mail"
)

// scriptedServer answers each SMTP verb with the given line, or with the usual one. "drop" closes the connection.
func scriptedServer(t *testing.T, answers map[string]string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		answer := func(verb, usual string) bool {
			line, found := answers[verb]
			if !found {
				line = usual
			}
			if line == "drop" {
				return false
			}
			_, err := conn.Write([]byte(line + "\r\n"))
			return err == nil
		}
		usual := map[string]string{
			"EHLO": "250-server\r\n250-AUTH CRAM-MD5\r\n250 8BITMIME", "AUTH": "235 ok", "DATA": "354 go on", "QUIT": "221 bye",
		}
		for verb := "greeting"; ; {
			text, found := usual[verb]
			switch {
			case verb == "greeting":
				text = "220 server"
			case !found:
				text = "250 ok"
			}
			if !answer(verb, text) {
				return
			}
			inMessage := verb == "DATA" && !strings.HasPrefix(answers[verb], "5") && !strings.HasPrefix(answers[verb], "4")
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if !inMessage {
					verb, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
					break
				}
				if line == ".\r\n" {
					verb = "message"
					break
				}
			}
		}
	}()
	t.Cleanup(func() { l.Close(); <-served })
	return l.Addr().String()
}

// The kind of a failure decides whether one mail, or every mail, waits, and whether it is tried again at all.
func TestKindsOfFailure(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]string
		want    error
	}{
		"accepted":                      {nil, nil},
		"accepted, no goodbye":          {map[string]string{"QUIT": "drop"}, nil},
		"accepted, refused goodbye":     {map[string]string{"QUIT": "421 closing"}, nil},
		"accepted, reset fails":         {map[string]string{"RSET": "drop"}, nil},
		"greeting: busy":                {map[string]string{"greeting": "421 too many connections"}, mail.ErrAway},
		"greeting: no service":          {map[string]string{"greeting": "554 no SMTP service here"}, mail.ErrAway},
		"greeting: none":                {map[string]string{"greeting": "drop"}, mail.ErrAway},
		"hello refused":                 {map[string]string{"EHLO": "550 who?", "HELO": "550 who?"}, mail.ErrAway},
		"login refused":                 {map[string]string{"AUTH": "535 5.7.8 authentication failed"}, mail.ErrAway},
		"login too weak":                {map[string]string{"AUTH": "534 5.7.9 too weak"}, mail.ErrAway},
		"login fails for now":           {map[string]string{"AUTH": "454 4.7.0 temporary failure"}, mail.ErrAway},
		"sender: login required":        {map[string]string{"MAIL": "530 5.7.0 authentication required"}, mail.ErrAway},
		"sender refused":                {map[string]string{"MAIL": "550 5.7.1 sender not allowed"}, mail.ErrAway},
		"sender: later":                 {map[string]string{"MAIL": "451 later"}, mail.ErrLater},
		"sender: closing":               {map[string]string{"MAIL": "421 4.3.2 closing"}, mail.ErrAway},
		"recipient: greylisted":         {map[string]string{"RCPT": "451 4.7.1 greylisted, try again"}, mail.ErrLater},
		"recipient: mailbox full":       {map[string]string{"RCPT": "452 4.2.2 mailbox full"}, mail.ErrLater},
		"recipient unknown":             {map[string]string{"RCPT": "550 5.1.1 no such user"}, mail.ErrPermanent},
		"recipient: bad address":        {map[string]string{"RCPT": "553 5.1.3 bad address"}, mail.ErrPermanent},
		"recipient: login required":     {map[string]string{"RCPT": "530 5.7.0 authentication required"}, mail.ErrAway},
		"recipient: relay denied":       {map[string]string{"RCPT": "554 5.7.1 Relay access denied"}, mail.ErrLater},
		"recipient: closing":            {map[string]string{"RCPT": "421 too many errors"}, mail.ErrAway},
		"recipient: connection broken":  {map[string]string{"RCPT": "drop"}, mail.ErrAway},
		"content refused":               {map[string]string{"message": "554 5.7.1 looks like spam"}, mail.ErrPermanent},
		"content: later":                {map[string]string{"message": "451 4.3.0 queue full"}, mail.ErrLater},
		"content: connection broken":    {map[string]string{"message": "drop"}, mail.ErrAway},
		"content not wanted":            {map[string]string{"DATA": "554 no valid recipients"}, mail.ErrPermanent},
		"content: sending rate reached": {map[string]string{"message": "454 Throttling failure: Maximum sending rate exceeded"}, mail.ErrLater},
	} {
		t.Run(name, func(t *testing.T) {
			login := ""
			if c.answers["AUTH"] != "" {
				login = "user:secret@"
			}
			mailer, err := mail.NewSMTPMailer("smtp://" + login + scriptedServer(t, c.answers) + "?tls=none")
			require.NoError(t, err)
			err = mailer.Send(within(t, 10*time.Second), mail.Message{ID: "welcome:" + someContact, To: "zoe@example.org", Subject: "s", Text: "t"})
			for _, kind := range []error{mail.ErrAway, mail.ErrLater, mail.ErrPermanent} {
				require.Equal(t, errors.Is(c.want, kind), errors.Is(err, kind), "%v: %v", kind, err)
			}
			if c.want == nil {
				require.NoError(t, err)
			} else {
				require.NotContains(t, err.Error(), "secret")
			}
		})
	}
}

// A server that does not answer, or is not there, is away.
func TestServerThatIsNotThere(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	for _, address := range []string{"127.0.0.1:1", silent.Addr().String(), "no-such-host.invalid:25"} {
		mailer, err := mail.NewSMTPMailer("smtp://" + address + "?tls=none")
		require.NoError(t, err)
		began := time.Now()
		require.ErrorIs(t, mailer.Send(within(t, 500*time.Millisecond), mail.Message{ID: "x", To: "zoe@example.org"}), mail.ErrAway, address)
		require.Less(t, time.Since(began), 3*time.Second)
	}
}
