package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/fault"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/web"
)

// storefrontPath is where shoppers find a store. What lies below needs no token,
// counts towards the limit of the address that asks, and tells no more than a
// shopper may know.
const storefrontPath = "/storefront/{slug}"

// Storefront is a store as shoppers see it.
type Storefront struct {
	Slug        string                    `json:"slug"`
	Name        string                    `json:"name"`
	Niche       *string                   `json:"niche"`
	Description *string                   `json:"description"`
	Currency    string                    `json:"currency" example:"USD"`
	Status      string                    `json:"status" enum:"active,paused" doc:"paused: it can be looked at and takes no orders."`
	LogoURL     *string                   `json:"logo_url"`
	FaviconURL  *string                   `json:"favicon_url"`
	CustomCSS   *string                   `json:"custom_css"`
	Theme       nullable[StorefrontTheme] `json:"theme" doc:"The active theme, or null."`
}

// StorefrontTheme is how a storefront's pages look.
type StorefrontTheme struct {
	Name      string         `json:"name"`
	Settings  map[string]any `json:"settings"`
	CustomCSS *string        `json:"custom_css"`
}

func toStorefront(s store.Store) Storefront {
	return Storefront{
		Slug: s.Slug, Name: s.Name, Niche: s.Niche, Description: s.Description, Currency: string(s.Currency), Status: string(s.Status),
		LogoURL: s.LogoURL, FaviconURL: s.FaviconURL, CustomCSS: s.CustomCSS,
	}
}

// StorefrontPath is the path of everything in a storefront.
type StorefrontPath struct {
	Slug string `path:"slug" doc:"The store's slug."`
}

func (a *API) storefrontRoutes() {
	register(a, route{
		method: http.MethodGet, path: storefrontPath, id: "get-storefront", tag: storefrontTag, public: true, summary: "Show a storefront",
		detail: "Answers may be up to 10 seconds old where they come from a cache.",
	}, a.getStorefront)
}

const storefrontTag = "Storefront"

func (a *API) getStorefront(ctx context.Context, _ *StorefrontPath) (*answer[Storefront], error) {
	t, found, err := theme.FindActive(ctx, a.DB, shop(ctx).ID)
	if err != nil {
		return nil, err
	}
	out := toStorefront(shop(ctx))
	if found {
		out.Theme.Value = &StorefrontTheme{Name: t.Name, Settings: t.Settings, CustomCSS: t.CustomCSS}
	}
	return ok(out), nil
}

// enterStorefront lets a shopper's request pass that names a store, unless too many
// come from its address.
func (a *API) enterStorefront(hctx huma.Context, next func(huma.Context)) {
	a.notTooFast(hctx, func(hctx huma.Context) {
		s, err := store.ForShoppers(hctx.Context(), a.DB, hctx.Param("slug"))
		if err != nil {
			a.refuse(hctx, err)
			return
		}
		next(huma.WithContext(hctx, context.WithValue(hctx.Context(), shopKey{}, s)))
	})
}

// notTooFast lets a request pass unless too many come from its address.
func (a *API) notTooFast(hctx huma.Context, next func(huma.Context)) {
	if !a.Shoppers.Allow(web.ClientAddress(hctx.Context()), a.DB.Now()) {
		a.refuse(hctx, errTooFast)
		return
	}
	next(hctx)
}

var errTooFast = &fault.Error{
	Kind: fault.TooMany, Code: "too_many_requests", RetryAfter: time.Second,
	Message: "Too many requests come from your address. Wait a second and try again.",
}

// fresh is for how long a cache may answer for us, and for how much longer while it
// asks anew. What is sold out meanwhile is found out when it is ordered.
const fresh = "public, max-age=10, stale-while-revalidate=30"

// cached gives an answer a tag of what it says, and answers with nothing but that to
// who has it already (RFC 9110, section 13.1.2).
func cached(hctx huma.Context, next func(huma.Context)) {
	r, w := unwrap(hctx)
	kept := &held{ResponseWriter: w, status: http.StatusOK}
	next(humago.NewContext(hctx.Operation(), r.WithContext(hctx.Context()), kept))
	if kept.status == http.StatusOK {
		tag := tagOf(w.Header().Get("Link"), kept.body.Bytes())
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", fresh)
		if has(r.Header.Get("If-None-Match"), tag) {
			w.Header().Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(kept.status)
	_, _ = w.Write(kept.body.Bytes())
}

// held is an answer that has not been sent yet.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// tagOf is the same for answers that say the same, the next page included.
func tagOf(link string, body []byte) string {
	h := sha256.New()
	_, _ = h.Write([]byte(link + "\n"))
	_, _ = h.Write(body)
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15]) + `"`
}

// has tells whether If-None-Match names the tag; weak ones count.
func has(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}
