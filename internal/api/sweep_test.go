package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/api"
)

// ownOperations are about the caller alone: nothing of somebody else's can be
// named, so that there is no 404 to ask for. Every other operation must give one.
var ownOperations = map[string]bool{
	"logout": true, "get-me": true, "create-token": true, "list-tokens": true,
	"change-plan": true, "create-store": true, "list-stores": true,
}

// TestOwnership_everyOperation asks every operation of the OpenAPI document
// without a token and, where its path names something, with another user's.
func TestOwnership_everyOperation(t *testing.T) {
	described, err := api.New(api.Deps{}, api.Key{})
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, p *platform) {
		owner, other := p.merchant(t), p.merchant(t)
		st := strings.TrimPrefix(owner.store(object{}), "/stores/")
		token := owner.post("/auth/tokens", object{"name": "mine"}).object()["id"].(string)
		later := owner.do("POST", "/stores/"+st+"/clone", nil, respondAsync).want(http.StatusAccepted).object()["job_id"].(string)
		names := strings.NewReplacer("{store_id}", st, "{token_id}", token, "{job_id}", later)
		swept := 0
		for path, item := range described.Operations() {
			for method, o := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
				if o == nil || len(o.Security) == 0 {
					continue
				}
				swept++
				address := names.Replace(strings.TrimPrefix(path, "/api/v1"))
				for strings.Contains(address, "{") {
					before, after, _ := strings.Cut(address, "{")
					_, after, _ = strings.Cut(after, "}")
					address = before + st + after // any id: the store in front is not theirs
				}
				p.nobody(t).do(method, address, nil, nil).want(http.StatusUnauthorized)
				if ownOperations[o.OperationID] {
					continue
				}
				if !strings.Contains(path, "{") {
					t.Errorf("%s names nothing and is not among the caller's own operations", o.OperationID)
				}
				other.do(method, address, nil, nil).want(http.StatusNotFound)
				other.do(method, address, object{"nonsense": true}, nil).want(http.StatusNotFound)
			}
		}
		if swept < 15 {
			t.Errorf("only %d operations were swept", swept)
		}
	})
}

// TestPath_whatCannotBeAnIDNamesNothing asks every operation for a thing with an
// id that is none.
func TestPath_whatCannotBeAnIDNamesNothing(t *testing.T) {
	described, err := api.New(api.Deps{}, api.Key{})
	if err != nil {
		t.Fatal(err)
	}
	param := regexp.MustCompile(`\{\w+_id\}`)
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		st := strings.TrimPrefix(owner.store(object{}), "/stores/")
		for path, item := range described.Operations() {
			address := strings.Replace(strings.TrimPrefix(path, "/api/v1"), "{store_id}/", st+"/", 1)
			if !param.MatchString(address) {
				continue
			}
			address = param.ReplaceAllString(address, "not-an-id")
			for method, o := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
				if o != nil && len(o.Security) > 0 {
					owner.do(method, address, nil, nil).want(http.StatusNotFound)
					owner.do(method, address, object{"nonsense": true}, nil).want(http.StatusNotFound)
				}
			}
		}
	})
}
