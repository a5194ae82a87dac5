package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Picture is one that was uploaded to a store.
type Picture struct {
	ID        store.PictureID  `json:"id" format:"uuid"`
	URL       string           `json:"url" doc:"Where the widest version is served, on every host. It is what products and stores take as the address of a picture." example:"/media/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/1280.webp"`
	Width     int              `json:"width" doc:"Of the widest version, in pixels."`
	Height    int              `json:"height"`
	Bytes     int64            `json:"bytes" doc:"What all versions take together."`
	Versions  []PictureVersion `json:"versions" nullable:"false" doc:"The narrowest first."`
	CreatedAt time.Time        `json:"created_at"`
}

// PictureVersion is a picture in one width.
type PictureVersion struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func toPicture(p store.Picture) Picture {
	out := Picture{ID: p.ID, URL: p.Address().String(), Width: p.Width, Height: p.Height, Bytes: p.Bytes, CreatedAt: p.CreatedAt}
	for _, a := range p.Address().Versions() {
		width, height, _ := p.Size(a)
		out.Versions = append(out.Versions, PictureVersion{URL: a.String(), Width: width, Height: height})
	}
	return out
}

// PicturePath is the path of one picture.
type PicturePath struct {
	StorePath
	ID store.PictureID `path:"picture_id" format:"uuid" doc:"The picture's id."`
}

func (a *API) pictureRoutes() {
	const tag, path, one = "Pictures", storePath + "/pictures", storePath + "/pictures/{picture_id}"
	there := exists(a, "picture_id", store.GetPicture)
	register(a, route{
		method: http.MethodPost, path: path, id: "upload-picture", tag: tag, status: http.StatusCreated, summary: "Upload a picture",
		detail: "The PNG, JPEG, GIF or WebP is the body itself, or a file in a form (`multipart/form-data`): up to 20 MiB, unless the server says otherwise, and 40 million pixels. " +
			"It is turned upright and served as WebP in the widths 160, 320, 640 and 1280 that are not larger than it, or in its own; what a camera has written into it is left out. " +
			"The same picture has the same address, however often it is uploaded. SVG is not taken.",
		picture: true, long: true,
	}, a.uploadPicture)
	register(a, route{method: http.MethodGet, path: path, id: "list-pictures", tag: tag, summary: "List pictures"}, a.listPictures)
	register(a, route{method: http.MethodGet, path: one, id: "get-picture", tag: tag, summary: "Get a picture", guard: there}, a.getPicture)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-picture", tag: tag, status: http.StatusNoContent, summary: "Delete a picture", detail: "One that a product, a theme or the store itself shows is refused.", guard: there}, a.deletePicture)
}

// pictureBody describes the two ways to send a picture.
func pictureBody() *huma.RequestBody {
	bytes := &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "The picture."}
	form := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": bytes}, Required: []string{"file"}}
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: form}}}
	for _, kind := range pictureTypes {
		body.Content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return body
}

func (a *API) uploadPicture(ctx context.Context, _ *StorePath) (*answer[Picture], error) {
	kept, err := a.Media.Keep(ctx, receivedPicture(ctx))
	if err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Picture], error) {
		p, err := a.Media.Add(ctx, tx, shop(ctx).ID, caller(ctx).ID, kept)
		return made(p, err, toPicture)
	})
}

func (a *API) listPictures(ctx context.Context, in *listInput) (*listed[Picture], error) {
	return pageOf(ctx, a, &in.PageQuery, store.ListPictures, toPicture, func(p store.Picture) id.UUID { return p.ID.UUID })
}

func (a *API) getPicture(ctx context.Context, in *PicturePath) (*answer[Picture], error) {
	p, err := store.GetPicture(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(p, err, toPicture)
}

func (a *API) deletePicture(ctx context.Context, in *PicturePath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return a.Media.Delete(ctx, tx, shop(ctx).ID, in.ID) })
}
