package mail

import (
	"errors"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Kinds of failure. An error of [SMTPMailer.Send] has one of them in its chain.
var (
	// ErrPermanent is about this message: no retry can help, because the server refused its address or its content
	// with a 5xx.
	ErrPermanent = errors.New("permanent failure")
	// ErrLater is about this message: the server wants it later, as servers do that greylist.
	ErrLater = errors.New("the mail server wants this message later")
	// ErrAway is about the server or our settings: it cannot be reached, is closing (421), or refuses our login or
	// sender. Every other message would fail in the same way.
	ErrAway = errors.New("the mail server takes no mail from us")
)

// SMTP reply codes (RFC 5321, RFC 4954) that are about the session and not about one message.
const (
	replyClosing          = 421
	replyLoginRequired    = 530
	replyLoginTooWeak     = 534
	replyLoginRefused     = 535
	replyLoginUnencrypted = 538
)

// kindOf is the kind of failure of a message that a server did not take.
func kindOf(err error) error {
	send, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return ErrAway // the connection broke
	}
	switch code := send.ErrorCode(); {
	case code == replyClosing, code == replyLoginRequired, code == replyLoginTooWeak, code == replyLoginRefused, code == replyLoginUnencrypted:
		return ErrAway
	case code >= 500 && send.Reason == gomail.ErrSMTPMailFrom: // our sender, not the contact
		return ErrAway
	case code >= 500 && strings.Contains(strings.ToLower(send.Error()), "relay"): // it wants a login, or does not know us
		return ErrLater
	case code >= 500, send.Reason == gomail.ErrGetRcpts:
		return ErrPermanent
	case code >= 400:
		return ErrLater
	}
	return ErrAway
}
