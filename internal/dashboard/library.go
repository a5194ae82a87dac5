package dashboard

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) libraryRoutes() {
	d.inStore("GET", "/pictures", d.listPictures)
	d.inStore("POST", "/pictures", d.uploadPictures)
	d.forRole(store.Staff, "GET", "/pictures/{id}/delete", d.askDeletePicture)
	d.inStore("POST", "/pictures/{id}/delete", d.deletePicture)
}

// library is what the page of a store's pictures shows.
type library struct {
	at          string
	pictures    []store.Picture
	used, room  int64 // in bytes; a room of 0 is any
	first, next string
}

func (d *Dashboard) listPictures(w http.ResponseWriter, v *visit) error {
	return d.library(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) library(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	page, err := listed(v.Request, func(p db.Page) ([]store.Picture, bool, error) {
		return store.ListPictures(v.Context(), d.DB, v.store.ID, p)
	}, func(p store.Picture) id.UUID { return p.ID.UUID })
	if err != nil {
		return err
	}
	l := library{at: v.at("/pictures"), pictures: page.rows, first: page.first, next: page.next, room: d.Media.MaxStore()}
	if l.used, err = store.PictureBytes(v.Context(), d.DB, v.store.ID); err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Pictures", "settings")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, status, libraryPage(frame, settingsTabs(v, "Pictures"), f, l))
}

// uploadPictures takes pictures that nothing shows yet.
func (d *Dashboard) uploadPictures(w http.ResponseWriter, v *visit) error {
	sent, err := d.formWithPictures(w, v, 1<<20)
	if err != nil {
		return err
	}
	taken, wrong := 0, ""
	for _, s := range sent {
		if s.Wrong == "" {
			taken++
			continue
		}
		wrong += " " + s.Name + ": " + s.Wrong
	}
	switch {
	case wrong != "":
		return d.library(w, v, http.StatusUnprocessableEntity, web.Form{Values: v.PostForm, Message: countOf(taken, "picture") + " added." + wrong})
	case taken == 0:
		return d.library(w, v, http.StatusUnprocessableEntity, web.Form{Values: v.PostForm, Message: "Choose a picture first."})
	}
	return done(w, v, v.at("/pictures"), countOf(taken, "picture")+" added.")
}

func (d *Dashboard) askDeletePicture(w http.ResponseWriter, v *visit) error {
	p, err := d.pictureOf(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "settings", web.Form{}, pictureDeletion(v, &p))
}

func pictureDeletion(v *visit, p *store.Picture) web.Confirmation {
	return web.Confirmation{
		Title: "Delete this picture?", About: "It is " + pixels(p) + " large. One that is shown somewhere is not deleted.",
		Action: v.at("/pictures/" + p.ID.String() + "/delete"), Button: "Delete picture", Back: v.at("/pictures"),
	}
}

func (d *Dashboard) deletePicture(w http.ResponseWriter, v *visit) error {
	p, err := d.pictureOf(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	err = d.DB.InTx(v.Context(), func(tx *db.Tx) error { return d.Media.Delete(v.Context(), tx, v.store.ID, p.ID) })
	if err != nil {
		return d.refuseQuestion(w, v, "settings", err, pictureDeletion(v, &p))
	}
	return done(w, v, v.at("/pictures"), "The picture was deleted.")
}

// pictureOf is the picture that the path names.
func (d *Dashboard) pictureOf(v *visit) (store.Picture, error) {
	p, err := pathID(v.Request, "id", "picture")
	if err != nil {
		return store.Picture{}, err
	}
	return store.GetPicture(v.Context(), d.DB, v.store.ID, store.PictureID{UUID: p})
}

// pixels is how large a picture is.
func pixels(p *store.Picture) string { return strconv.Itoa(p.Width) + " × " + strconv.Itoa(p.Height) }

// size is a number of bytes as people read it.
func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KB", (bytes+1023)>>10)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(bytes)/(1<<20)), ".0") + " MB"
}

// taken says how much of the room for pictures is used.
func (l *library) taken() string {
	if l.room == 0 {
		return size(l.used) + " used."
	}
	return size(l.used) + " of " + size(l.room) + " used."
}
