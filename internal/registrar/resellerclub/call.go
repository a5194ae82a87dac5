package resellerclub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"vitrine/internal/registrar"
)

// maxReply bounds an answer: the price list of an account with all products has two
// megabytes.
const maxReply = 16 << 20

// get asks a question. The API wants the key in the address, so no address ever gets
// into an error or a log.
func (p *Provider) get(ctx context.Context, command string, params url.Values) (reply, error) {
	return p.call(ctx, http.MethodGet, command, params)
}

// post orders something. The key goes in the body, past the logs of proxies.
func (p *Provider) post(ctx context.Context, command string, params url.Values) (reply, error) {
	return p.call(ctx, http.MethodPost, command, params)
}

func (p *Provider) call(ctx context.Context, method, command string, params url.Values) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	params.Set("auth-userid", p.ResellerID)
	params.Set("api-key", p.Key)
	address, body := p.endpoint+command+".json", io.Reader(nil)
	if method == http.MethodGet {
		address += "?" + params.Encode()
	} else {
		body = strings.NewReader(params.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, registrar.Errorf(registrar.Unreachable, "The endpoint of ResellerClub is no address.")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, p.silence(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	if err != nil {
		return nil, p.silence(err)
	}
	return p.read(res, text)
}

// silence is an answer that did not come. What the library says has the address in
// it, and with that the key.
func (p *Provider) silence(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return registrar.Errorf(registrar.Unanswered, "ResellerClub does not answer: %s", p.clean(err.Error()))
}

// clean takes the key out of a text.
func (p *Provider) clean(text string) string {
	text = strings.ReplaceAll(text, p.Key, "***")
	return strings.ReplaceAll(text, url.QueryEscape(p.Key), "***")
}

// reply is an answer that is no error, as JSON.
type reply json.RawMessage

// as reads a reply.
func (r reply) as(into any) error {
	if err := json.Unmarshal(r, into); err != nil {
		return registrar.Errorf(registrar.Unanswered, "ResellerClub's answer cannot be read: %w", err)
	}
	return nil
}

// scalar is a text, a number or a truth: the API writes any of them in any way.
type scalar string

// UnmarshalJSON implements json.Unmarshaler. What is none of them is empty, as PHP's
// empty list in the place of nothing.
func (s *scalar) UnmarshalJSON(raw []byte) error {
	*s = ""
	var text string
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null":
	case raw[0] == '"':
		err := json.Unmarshal(raw, &text)
		*s = scalar(text)
		return err
	default:
		*s = scalar(raw)
	}
	return nil
}

// lenient is a member that may be of another form than it should, as the list among
// the products, or PHP's empty list in the place of an empty object: then it is empty.
type lenient[T any] struct{ v T }

// UnmarshalJSON implements json.Unmarshaler.
func (l *lenient[T]) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &l.v) != nil {
		*l = lenient[T]{}
	}
	return nil
}

// complaint is how the API says that something is wrong, in all its forms.
type complaint struct {
	Status  scalar `json:"status"`
	Message scalar `json:"message"`
	Error   scalar `json:"error"`
	Action  scalar `json:"actionstatusdesc"`
}

// read judges an answer by what it says: its status is 200 or 500 whatever happened.
func (p *Provider) read(res *http.Response, text []byte) (reply, error) {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode == http.StatusForbidden && kind == "text/html":
		return nil, registrar.Errorf(registrar.Unreachable, "ResellerClub does not let this server in: its address must be on the account's list of allowed ones.")
	case res.StatusCode == http.StatusTooManyRequests:
		return nil, registrar.Errorf(registrar.Limited, "ResellerClub was asked too often.")
	}
	text = []byte(strings.TrimSpace(string(text)))
	if !json.Valid(text) {
		if res.StatusCode == http.StatusOK && isWord(text) {
			text, _ = json.Marshal(string(text)) // some successes are a bare word
			return text, nil
		}
		return nil, registrar.Errorf(registrar.Unanswered, "ResellerClub answered %s.", res.Status)
	}
	var said complaint
	_ = json.Unmarshal(text, &said) // it may be a number
	if why, wrong := said.wrong(); wrong {
		return nil, judge(p.clean(why))
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil, registrar.Errorf(registrar.Unanswered, "ResellerClub answered %s.", res.Status)
	}
	return text, nil
}

func isWord(text []byte) bool {
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(text) > 0
}

func (c complaint) wrong() (why string, wrong bool) {
	status := strings.ToLower(string(c.Status))
	settled := status == "invoicepaid" && c.Error != "" && !strings.EqualFold(string(c.Error), "NoError")
	if status != "error" && status != "failed" && !settled {
		return "", false
	}
	for _, s := range []scalar{c.Message, c.Error, c.Action} {
		if s != "" && why == "" {
			why = string(s)
		}
	}
	if settled {
		why = "The invoice is paid, and the order is not through yet: " + why
	}
	return why, true
}

// texts are what the API is known to say, by fragments in lower case, and what it
// means.
var texts = []struct {
	fragment string
	kind     registrar.Kind
}{
	{"the invoice is paid", registrar.Pending},
	{"website doesn't exist", registrar.NotOurs},
	{"no entity found", registrar.NotOurs},
	{"action pending on this order", registrar.Pending},
	{"insufficient balance", registrar.Pending},
	{"insufficient funds", registrar.Pending},
	{"low funds", registrar.Pending},
	{"credit limit", registrar.Pending},
	{"please contact support", registrar.Pending},
	{"order locked for processing", registrar.Pending},
	{"already exists in our database", registrar.Pending},
	{"pending order", registrar.Pending},
	{"domain already renewed", registrar.Refused},
	{"cannot be extended beyond", registrar.Refused},
	{"not a valid nameserver", registrar.Refused},
	{"not available for registration", registrar.Taken},
	{"already registered", registrar.Taken},
	{"invalid contact-id", registrar.BadContact},
	{"invalid customer-id", registrar.BadContact},
}

// strange is the kind of an error that says something new: for a question that is a
// refusal, for an order it tells nothing until somebody has looked.
const strange = registrar.Refused

// judge makes an error of what the API says.
func judge(why string) *registrar.Error {
	lower := strings.ToLower(why)
	for _, t := range texts {
		if strings.Contains(lower, t.fragment) {
			return registrar.Errorf(t.kind, "ResellerClub: %s", why)
		}
	}
	if why == "" {
		why = "It refuses, and does not say why."
	}
	return registrar.Errorf(strange, "ResellerClub: %s", why)
}

// understood tells whether the API's words are known to mean what their kind says.
func understood(err error) bool {
	lower := strings.ToLower(err.Error())
	for _, t := range texts {
		if strings.Contains(lower, t.fragment) {
			return true
		}
	}
	return false
}

// before turns the error of a question that was asked before an order: nothing has
// been ordered yet, so nothing is open.
func before(err error) error {
	if registrar.KindOf(err) == registrar.Unanswered {
		return registrar.Errorf(registrar.Unreachable, "%w", err)
	}
	return err
}
