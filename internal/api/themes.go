package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/theme"
)

// Theme is a look of a store.
type Theme struct {
	ID        string         `json:"id" format:"uuid"`
	Name      string         `json:"name"`
	Settings  map[string]any `json:"settings"`
	CustomCSS *string        `json:"custom_css"`
	IsActive  bool           `json:"is_active"`
	CreatedAt string         `json:"created_at" format:"date-time"`
	UpdatedAt string         `json:"updated_at" format:"date-time"`
}

func toTheme(t theme.Theme) Theme {
	return Theme{
		ID: t.ID.String(), Name: t.Name, Settings: t.Settings, CustomCSS: t.CustomCSS, IsActive: t.Active,
		CreatedAt: utc(t.CreatedAt), UpdatedAt: utc(t.UpdatedAt),
	}
}

// ThemeFields are what can be left out of a theme.
type ThemeFields struct {
	Settings  Opt[map[string]any] `json:"settings,omitempty" doc:"Any JSON object of up to 64 KiB. A change is merged into what is there, member by member; null removes a member."`
	CustomCSS OptNull[string]     `json:"custom_css,omitempty"`
	IsActive  Opt[bool]           `json:"is_active,omitempty" doc:"Default false. A theme that becomes active takes over from the one that was."`
}

// apply sets the fields on a theme, but for its settings.
func (b ThemeFields) apply(t *theme.Theme) {
	b.CustomCSS.to(&t.CustomCSS)
	b.IsActive.to(&t.Active)
}

type createThemeInput struct {
	StorePath
	Body struct {
		Name string `json:"name"`
		ThemeFields
	}
}

type updateThemeInput struct {
	ThemePath
	Body struct {
		Name Opt[string] `json:"name,omitempty"`
		ThemeFields
	}
}

// ThemePath is the path of one theme.
type ThemePath struct {
	StorePath
	ID theme.ID `path:"theme_id" format:"uuid" doc:"The theme's id."`
}

func (a *API) themeRoutes() {
	const tag, path, one = "Themes", storePath + "/themes", storePath + "/themes/{theme_id}"
	there := exists(a, "theme_id", theme.Get)
	register(a, route{method: http.MethodPost, path: path, id: "create-theme", tag: tag, status: http.StatusCreated, summary: "Create a theme"}, a.createTheme)
	register(a, route{method: http.MethodGet, path: path, id: "list-themes", tag: tag, summary: "List themes"}, a.listThemes)
	register(a, route{method: http.MethodGet, path: one, id: "get-theme", tag: tag, summary: "Get a theme", guard: there}, a.getTheme)
	register(a, route{method: http.MethodPatch, path: one, id: "update-theme", tag: tag, summary: "Change a theme", guard: there}, a.updateTheme)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-theme", tag: tag, status: http.StatusNoContent, summary: "Delete a theme", guard: there}, a.deleteTheme)
	register(a, route{method: http.MethodPost, path: one + "/activate", id: "activate-theme", tag: tag, summary: "Activate a theme", detail: "The one that was active is so no longer.", guard: there}, a.activateTheme)
}

func (a *API) createTheme(ctx context.Context, in *createThemeInput) (*answer[Theme], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[Theme], error) {
		t := theme.Theme{Name: in.Body.Name, Settings: in.Body.Settings.Value}
		in.Body.apply(&t)
		t, err := theme.Create(ctx, tx, shop(ctx).ID, t)
		return made(t, err, toTheme)
	})
}

func (a *API) listThemes(ctx context.Context, in *listInput) (*listed[Theme], error) {
	return pageOf(ctx, a, &in.PageQuery, theme.List, toTheme, func(t theme.Theme) id.UUID { return t.ID.UUID })
}

func (a *API) getTheme(ctx context.Context, in *ThemePath) (*answer[Theme], error) {
	t, err := theme.Get(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(t, err, toTheme)
}

func (a *API) updateTheme(ctx context.Context, in *updateThemeInput) (*answer[Theme], error) {
	t, err := inTx(ctx, a, func(tx *db.Tx) (theme.Theme, error) {
		return theme.Update(ctx, tx, shop(ctx).ID, in.ID, func(t *theme.Theme) {
			in.Body.Name.to(&t.Name)
			t.Merge(in.Body.Settings.Value)
			in.Body.apply(t)
		})
	})
	return shown(t, err, toTheme)
}

func (a *API) activateTheme(ctx context.Context, in *ThemePath) (*answer[Theme], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[Theme], error) {
		t, err := theme.Activate(ctx, tx, shop(ctx).ID, in.ID)
		return shown(t, err, toTheme)
	})
}

func (a *API) deleteTheme(ctx context.Context, in *ThemePath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return theme.Delete(ctx, tx, shop(ctx).ID, in.ID) })
}
