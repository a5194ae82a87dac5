package api_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/fixture"
)

var asPNG = http.Header{"Content-Type": {"image/png"}}

// tinyPicture is a file that is quickly made of.
func tinyPicture(t testing.TB) string { return string(fixture.PNG(t, 20, 10, 1)) }

// upload sends a picture and returns what it has become.
func (c *client) upload(store, file string) object {
	c.t.Helper()
	return c.do("POST", store+"/pictures", file, asPNG).want(http.StatusCreated).object()
}

// inForm is a file in a form.
func inForm(t *testing.T, files ...string) (body string, header http.Header) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("alt", "a mug"); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		part, err := w.CreateFormFile("file", "mug.png")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(file))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), http.Header{"Content-Type": {w.FormDataContentType()}}
}

func TestPictures_areUploadedAsTheyAreOrInAForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		file := string(fixture.PNG(t, 700, 350, 9))
		got := c.upload(store, file)
		address, _ := got["url"].(string)
		if !strings.HasPrefix(address, "/media/") || !strings.HasSuffix(address, "/700.webp") || got["width"] != 700.0 || got["height"] != 350.0 || got["bytes"].(float64) <= 0 {
			t.Errorf("got %v", got)
		}
		versions := got["versions"].(array)
		if last := versions[len(versions)-1].(object); len(versions) != 4 || last["url"] != address || versions[0].(object)["height"] != 80.0 {
			t.Errorf("versions: %v", versions)
		}
		body, form := inForm(t, file)
		again := c.do("POST", store+"/pictures", body, form).want(http.StatusCreated).object()
		if again["url"] != address || again["id"] != got["id"] {
			t.Errorf("the same picture is %v", again)
		}
		if all := c.get(store + "/pictures").want(http.StatusOK).array(); len(all) != 1 || all[0]["url"] != address {
			t.Errorf("the list: %v", all)
		}
		if one := c.get(store + "/pictures/" + got["id"].(string)).want(http.StatusOK).object(); one["url"] != address {
			t.Errorf("the picture: %v", one)
		}
	})
}

func TestPictures_whatIsNoneIsRefusedInAClearSentence(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/pictures"
		send := func(kind, body string) *response {
			return c.do("POST", path, body, http.Header{"Content-Type": {kind}})
		}
		svg := `<svg xmlns="http://www.w3.org/2000/svg"/>`
		send("image/svg+xml", svg).want(http.StatusUnsupportedMediaType).detail("it can hold scripts")
		send("image/png", svg).want(http.StatusUnsupportedMediaType).detail("it can hold scripts")
		send("application/json", "{}").want(http.StatusUnsupportedMediaType).detail("Send a PNG, JPEG, GIF or WebP")
		send("image/png", "%PDF").want(http.StatusUnsupportedMediaType).detail("Send a PNG")
		send("text/csv", "a,b").want(http.StatusUnsupportedMediaType)
		send("image/png", "").want(http.StatusUnprocessableEntity).detail("is empty")
		send("image/jpeg", tinyPicture(t)[:60]).want(http.StatusUnprocessableEntity).detail("no PNG that can be read")
		send("image/png", string(fixture.PNG(t, 1000, 10, 1))).want(http.StatusUnprocessableEntity).detail("times as long as it is wide")
		send("image/png", tinyPicture(t)+strings.Repeat("x", 1<<20)).want(http.StatusRequestEntityTooLarge).detail("larger than 1 MiB")
		send("image/png", strings.Repeat("x", 3<<20)).want(http.StatusRequestEntityTooLarge).detail("larger than 1 MiB")
		none, form := inForm(t)
		c.do("POST", path, none, form).want(http.StatusUnprocessableEntity).detail("no file in it")
		two, form := inForm(t, tinyPicture(t), tinyPicture(t))
		c.do("POST", path, two, form).want(http.StatusUnprocessableEntity).detail("must be the only one")
		c.do("POST", path+"?width=3", tinyPicture(t), asPNG).want(http.StatusUnprocessableEntity)
		send("multipart/form-data", "x").want(http.StatusUnsupportedMediaType)
		if all := c.get(path).want(http.StatusOK).array(); len(all) != 0 {
			t.Errorf("the list: %v", all)
		}
	})
}

func TestPictures_aKeyMakesItSafeToSendOneAgain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/pictures"
		keyed := func(file string) *response {
			return c.do("POST", path, file, http.Header{"Content-Type": {"image/png"}, "Idempotency-Key": {"logo"}})
		}
		first := keyed(tinyPicture(t)).want(http.StatusCreated)
		again := keyed(tinyPicture(t)).want(http.StatusCreated)
		if again.header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(first.raw, again.raw) {
			t.Errorf("again: %v %s", again.header, again.raw)
		}
		keyed(string(fixture.PNG(t, 30, 30, 2))).want(http.StatusUnprocessableEntity)
	})
}

func TestPictures_ofAStoreAreShownByItAlone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store, other := c.store(object{}), c.store(object{})
		address := c.upload(store, tinyPicture(t))["url"].(string)
		strange := strings.Replace(address, "/20.", "/10.", 1)
		for _, bad := range []string{strange, "/media/x", "/media/" + strings.Repeat("00", 32) + "/20.webp", "/etc/passwd"} {
			c.post(store+"/products", object{"title": "Mug", "images": array{object{"url": bad}}}).invalid("body.images[0].url")
			c.patch(store, object{"logo_url": bad}).invalid("body.logo_url")
		}
		images := object{"title": "Mug", "images": array{object{"url": "https://images.example/a.jpg"}, object{"url": address, "alt": "A mug"}}}
		made := c.post(store+"/products", images).want(http.StatusCreated).object()
		if got := made["images"].(array)[1].(object); got["url"] != address || got["alt"] != "A mug" {
			t.Errorf("shown: %v", got)
		}
		c.post(other+"/products", images).invalid("body.images[1].url").detail("no picture of this store")
		product := store + "/products/" + made["id"].(string)
		c.patch(product, object{"images": array{object{"url": strange}}}).invalid("body.images[0].url")
		c.patch(product, object{"images": array{object{"url": address}}}).want(http.StatusOK)
		c.patch(store, object{"logo_url": address, "favicon_url": address}).want(http.StatusOK)
		c.patch(other, object{"logo_url": address}).invalid("body.logo_url").detail("no picture of this store")
		c.post("/stores", object{"name": "New", "favicon_url": address}).invalid("body.favicon_url")
		shelf := p.nobody(t).get(c.front(store) + "/products/mug").want(http.StatusOK).object()
		if got := shelf["images"].(array)[0].(object)["url"]; got != address {
			t.Errorf("shoppers see %v", got)
		}
	})
}

func TestPictures_areDeletedOnceNothingShowsThem(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		made := c.upload(store, tinyPicture(t))
		one, address := store+"/pictures/"+made["id"].(string), made["url"].(string)
		product := c.id(store+"/products", object{"title": "Mug", "images": array{object{"url": address}}})
		c.delete(one).want(http.StatusBadRequest).detail("shown by a product")
		c.delete(store + "/products/" + product).want(http.StatusNoContent)
		c.patch(store, object{"logo_url": address}).want(http.StatusOK)
		c.delete(one).want(http.StatusBadRequest).detail("shown by the store itself")
		c.patch(store, object{"logo_url": nil}).want(http.StatusOK)
		theme := c.id(store+"/themes", object{"name": "Dark", "settings": object{"logo_url": address}})
		c.delete(one).want(http.StatusBadRequest).detail("shown by a theme")
		c.delete(store + "/themes/" + theme).want(http.StatusNoContent)
		c.delete(one).want(http.StatusNoContent)
		c.delete(one).want(http.StatusNotFound)
		c.get(one).want(http.StatusNotFound)
		c.post(store+"/products", object{"title": "Mug", "images": array{object{"url": address}}}).invalid("body.images[0].url")
		if again := c.upload(store, tinyPicture(t)); again["url"] != address {
			t.Errorf("uploaded again: %v", again)
		}
	})
}

func TestPictures_haveAsMuchRoomAsTheSettingsSay(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store, other := c.store(object{}), c.store(object{})
		first := c.upload(store, string(fixture.PNG(t, 60, 60, 3)))
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE picture SET bytes = 1048576`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.do("POST", store+"/pictures", tinyPicture(t), asPNG).want(http.StatusBadRequest).detail("more than the 1 MiB")
		c.upload(store, string(fixture.PNG(t, 60, 60, 3))) // it has that one
		c.upload(other, tinyPicture(t))
		c.delete(store + "/pictures/" + first["id"].(string)).want(http.StatusNoContent)
		c.upload(store, tinyPicture(t))
	})
}

func TestPictures_aCloneShowsThemToo(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		address := c.upload(store, tinyPicture(t))["url"].(string)
		c.patch(store, object{"logo_url": address}).want(http.StatusOK)
		c.post(store+"/products", object{"title": "Mug", "images": array{object{"url": address}}}).want(http.StatusCreated)
		plan := c.post(store+"/clone?dry_run=true", nil).want(http.StatusOK).object()["would_clone"].(object)
		if plan["pictures"] != 1.0 {
			t.Errorf("the plan: %v", plan)
		}
		clone := "/stores/" + c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["id"].(string)
		all := c.get(clone + "/pictures").want(http.StatusOK).array()
		if len(all) != 1 || all[0]["url"] != address {
			t.Fatalf("the clone has %v", all)
		}
		c.delete(store).want(http.StatusNoContent)
		mug := c.get(clone + "/products").want(http.StatusOK).array()[0]
		c.patch(clone+"/products/"+mug["id"].(string), object{"title": "Cup"}).want(http.StatusOK)
		c.delete(clone + "/pictures/" + all[0]["id"].(string)).want(http.StatusBadRequest)
	})
}

func TestPictures_uploadedAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() { c.upload(store, string(fixture.PNG(t, 20+i%3, 10, 1))) })
		}
		all.Wait()
		if got := c.get(store + "/pictures").want(http.StatusOK).array(); len(got) != 3 {
			t.Errorf("there are %d", len(got))
		}
	})
}

// TestPictures_comeBackWithTheFileOfTheProducts exports and imports: into the same
// store, an empty one, and one of another merchant.
func TestPictures_comeBackWithTheFileOfTheProducts(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c, other := p.merchant(t), p.merchant(t)
		store, empty, theirs := c.store(object{}), c.store(object{}), other.store(object{})
		address := c.upload(store, tinyPicture(t))["url"].(string)
		c.post(store+"/products", object{"title": "Mug", "images": array{object{"url": address, "alt": "A mug"}}}).want(http.StatusCreated)
		file := string(c.get(store + "/products/export").want(http.StatusOK).raw)
		if !strings.Contains(file, ","+p.url+address+",") {
			t.Errorf("the file has no whole address: %s", file)
		}
		if got := c.imported(store+"/products/import", file); got["products_created"] != 0.0 || got["products_updated"] != 0.0 {
			t.Errorf("into the same store: %v", got)
		}
		for i, to := range []struct {
			c           *client
			store, file string
		}{{c, empty, file}, {other, theirs, strings.ReplaceAll(file, p.url, "")}} {
			if got := to.c.imported(to.store+"/products/import", to.file); got["products_created"] != 1.0 || len(got["errors"].(array)) > 0 {
				t.Errorf("%d: %v", i, got)
			}
			shown := to.c.get(to.store + "/products").want(http.StatusOK).array()[0]["images"].(array)
			if len(shown) != 1 || shown[0].(object)["url"] != address {
				t.Errorf("%d shows %v", i, shown)
			}
			if own := to.c.get(to.store + "/pictures").want(http.StatusOK).array(); len(own) != 1 {
				t.Errorf("%d has %v", i, own)
			}
		}
		lost := fmt.Sprintf("Handle,Title,Image Src\npot,Pot,/media/%s/20.webp\n", strings.Repeat("00", 32))
		got := c.imported(empty+"/products/import", lost)
		if told := got["errors"].(array); got["products_created"] != 1.0 || len(told) != 1 || told[0].(object)["column"] != "Image Src" {
			t.Errorf("a picture that is not here: %v", got)
		}
		elsewhere := strings.ReplaceAll(lost, "pot,Pot,", "pan,Pan,https://shop.example")
		if got := c.imported(empty+"/products/import", elsewhere); got["products_created"] != 1.0 || len(got["errors"].(array)) > 0 {
			t.Errorf("one that is elsewhere: %v", got)
		}
	})
}
