package squarespace

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"vitrine/internal/registrar"
)

var errAccount = errors.New("it must be the key of a service account of Google's, as JSON or as the path of a file")

// projectOf reads the project of a service account.
func projectOf(account []byte) string {
	var said struct {
		Project string `json:"project_id"`
	}
	_ = json.Unmarshal(account, &said) // it was read before
	return said.Project
}

// told makes every error one of ours: what is none of Google's is an answer that did
// not come.
func told(err error) error {
	if err == nil {
		return nil
	}
	if _, ours := errors.AsType[*registrar.Error](err); ours {
		return err
	}
	// Without a token nothing was asked. What Google says of the key is not for others.
	if _, refused := errors.AsType[*oauth2.RetrieveError](err); refused || strings.Contains(err.Error(), "oauth2:") {
		return registrar.Errorf(registrar.Unreachable, "Google does not let the service account in.")
	}
	if said, ok := errors.AsType[*googleapi.Error](err); ok {
		return judge(said)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return registrar.Errorf(registrar.Unanswered, "Google does not answer: %w", err)
}

func judge(said *googleapi.Error) error {
	kind, words := registrar.Refused, said.Message
	switch lower := strings.ToLower(words); {
	case said.Code >= http.StatusInternalServerError:
		kind = registrar.Unanswered
	case said.Code == http.StatusNotFound:
		kind = registrar.NotOurs
	case said.Code == http.StatusConflict:
		kind = registrar.Taken
	case said.Code == http.StatusTooManyRequests:
		kind = registrar.Limited
	case said.Code == http.StatusUnauthorized, said.Code == http.StatusForbidden:
		kind, words = registrar.Unreachable, "The service account may not do this."
	case strings.Contains(lower, "price"):
		kind = registrar.PriceChanged
	case strings.Contains(lower, "contact"):
		kind = registrar.BadContact
	}
	if words == "" {
		words = http.StatusText(said.Code)
	}
	return registrar.Errorf(kind, "Google: %s", words)
}

// before turns the error of a question that was asked before an order: nothing has
// been ordered yet, so nothing is open.
func before(err error) error {
	if registrar.KindOf(err) == registrar.Unanswered {
		return registrar.Errorf(registrar.Unreachable, "%w", err)
	}
	return err
}
