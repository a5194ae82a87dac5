package dashboard

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/picture"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// maxPictures is how many pictures a form can bring.
const maxPictures = 50

// sentPicture is a file that a form has brought: what it has become, or why it has not.
type sentPicture struct {
	Field   string // of the form
	Name    string // what the sender calls it
	Address string
	Wrong   string // a sentence for the sender; "" for one that was taken
}

// formWithPictures reads a form of up to limit bytes and the pictures in it, which
// become the store's own. One that is no picture is told of and the rest goes on: what
// was typed beside it is not lost.
func (d *Dashboard) formWithPictures(w http.ResponseWriter, v *visit, limit int64) ([]sentPicture, error) {
	kind, params, err := mime.ParseMediaType(v.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, formOf(v.Request, limit)
	}
	whole := limit + maxPictures*d.Media.MaxFile()
	body := web.Patient(w, http.MaxBytesReader(w, v.Body, whole))
	f := pictureForm{Dashboard: d, visit: v, left: limit, values: url.Values{}}
	if err := f.read(multipart.NewReader(body, params["boundary"])); err != nil {
		web.Drain(w, v.Request, whole)
		return nil, err
	}
	v.PostForm, v.Form = f.values, f.values
	return f.sent, nil
}

// pictureForm is a form that is being read.
type pictureForm struct {
	*Dashboard
	*visit
	left   int64 // how many bytes its fields may still have
	values url.Values
	sent   []sentPicture
}

func (f *pictureForm) read(form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errBody(err)
		}
		if part.FileName() == "" {
			err = f.field(part)
		} else {
			err = f.file(part)
		}
		if err != nil {
			return err
		}
	}
}

// errBody says why a body could not be read.
func errBody(err error) error {
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: "These are too many pictures, or too large ones. Please send fewer at a time."}
	}
	return fault.Invalidf("form", "could not be read to its end")
}

func (f *pictureForm) field(part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, f.left+1))
	if err != nil {
		return errBody(err)
	}
	if f.left -= int64(len(text)); f.left < 0 {
		return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: "The form is too large."}
	}
	if part.FormName() != "" {
		f.values.Add(part.FormName(), string(text))
	}
	return nil
}

func (f *pictureForm) file(part *multipart.Part) error {
	if len(f.sent) == maxPictures {
		return fault.Invalidf("form", "can bring %d pictures at a time", maxPictures)
	}
	sent := sentPicture{Field: part.FormName(), Name: "“" + part.FileName() + "”"}
	p, err := f.keepPicture(f.visit, web.Reporting(part))
	_, over := errors.AsType[*http.MaxBytesError](err)
	switch {
	case over:
		return errBody(err)
	case err == nil:
		sent.Address = p.Address().String()
	default:
		if sent.Wrong = refusal(err); sent.Wrong == "" {
			return web.Unreadable(err)
		}
	}
	f.sent = append(f.sent, sent)
	return nil
}

// refusal is what is told of a file that is no picture that we take, or "".
func refusal(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if ok && (e.Kind == fault.Invalid || e.Kind == fault.Unsupported || e.Kind == fault.TooLarge || e.Kind == fault.Refused || e.Kind == fault.Unavailable) {
		return e.Message
	}
	return ""
}

// keepPicture makes a picture of a file, and gives it to the store.
func (d *Dashboard) keepPicture(v *visit, file io.Reader) (store.Picture, error) {
	u, err := d.Media.Receive(file)
	if err != nil {
		return store.Picture{}, err
	}
	defer func() {
		if err := u.Close(); err != nil {
			slog.WarnContext(v.Context(), "an upload is left behind", "error", err, "request_id", web.RequestID(v.Context()))
		}
	}()
	kept, err := d.Media.Keep(v.Context(), u)
	if err != nil {
		return store.Picture{}, err
	}
	return write(v.Context(), d, func(tx *db.Tx) (store.Picture, error) {
		return d.Media.Add(v.Context(), tx, v.store.ID, v.user.ID, kept)
	})
}

// takePictures puts what was sent behind the images, and says what was not taken.
func (e *editor) takePictures(sent []sentPicture) {
	for _, s := range sent {
		if s.Wrong == "" {
			e.Images = append(e.Images, imageRow{URL: s.Address})
			continue
		}
		if e.Form.Errors == nil {
			e.Form.Errors = map[string]string{}
		}
		if e.Form.Errors[string(imageSection)] != "" {
			e.Form.Errors[string(imageSection)] += " "
		}
		e.Form.Errors[string(imageSection)] += s.Name + ": " + s.Wrong
	}
}

// errPictures stops a product from being saved whose pictures were not all taken.
func (e *editor) errPictures() error {
	told := e.Form.Error(string(imageSection))
	if told == "" {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Code: "invalid", Message: told, Fields: []fault.Field{{Path: string(imageSection), Message: told}}}
}

// ours tells whether an address is one of our own pictures, which nobody types.
func ours(address string) bool {
	_, is := picture.ParseAddress(address)
	return is
}

// pictureTypes are the files that a browser lets choose.
const pictureTypes = "image/png,image/jpeg,image/gif,image/webp"
