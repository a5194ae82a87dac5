package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/webhook"
	"vitrine/internal/webhook/sender"
)

func TestWebhooks_areMadeReadChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		made := c.post(store+"/webhooks", object{"url": " https://hooks.example/in?key=1#part ", "events": array{"product.updated", "order.created", "order.created"}}).want(http.StatusCreated).object()
		if made["url"] != "https://hooks.example/in?key=1" || made["is_active"] != true || fmt.Sprint(made["events"]) != "[order.created product.updated]" {
			t.Errorf("webhook: %v", made)
		}
		one := store + "/webhooks/" + made["id"].(string)
		if got := c.get(one).want(http.StatusOK).object(); got["url"] != made["url"] || got["secret"] != nil {
			t.Errorf("read: %v", got)
		}
		if got := c.patch(one, object{"url": "http://other.example", "is_active": false}).want(http.StatusOK).object(); got["url"] != "http://other.example" || got["is_active"] != false || len(got["events"].(array)) != 2 {
			t.Errorf("changed: %v", got)
		}
		c.hook(store, "https://second.example", "store.cloned")
		if all := c.all(store+"/webhooks", 1); len(all) != 2 || all[0]["url"] != "https://second.example" {
			t.Errorf("list: %v", all)
		}
		c.delete(one).want(http.StatusNoContent)
		c.get(one).want(http.StatusNotFound)
		c.patch(one, object{"is_active": true}).want(http.StatusNotFound)
		c.delete(one).want(http.StatusNotFound)
		c.get(one + "/deliveries").want(http.StatusNotFound)
		c.post(one+"/test", nil).want(http.StatusNotFound)
		if all := c.get(store + "/webhooks").array(); len(all) != 1 {
			t.Errorf("list: %v", all)
		}
	})
}

func TestWebhooks_theSecretIsShownOnceAndStoredEncrypted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		body := object{"url": "https://hooks.example", "events": array{"order.paid"}}
		first := c.postKeyed("key", store+"/webhooks", body).want(http.StatusCreated)
		secret := first.object()["secret"].(string)
		if !strings.HasPrefix(secret, "whsec_") || len(secret) < 6+32 {
			t.Errorf("secret: %q", secret)
		}
		if again := c.postKeyed("key", store+"/webhooks", body).want(http.StatusCreated); string(again.raw) != string(first.raw) || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("replayed: %s", again.raw)
		}
		for _, query := range []string{`SELECT secret FROM webhook`, `SELECT body FROM idempotency_key`} {
			stored, err := db.One(t.Context(), p.db, db.Value[[]byte], query)
			if err != nil || bytes.Contains(stored, []byte(secret[6:])) || len(stored) == 0 {
				t.Errorf("%s: stored in the clear (%v)", query, err)
			}
		}
		if list := c.get(store + "/webhooks").want(http.StatusOK); bytes.Contains(list.raw, []byte("secret")) {
			t.Errorf("listed: %s", list.raw)
		}
	})
}

func TestWebhooks_privateAddressesAreRefusedAtCreation(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		one, _ := c.hook(store, "https://hooks.example", "order.paid")
		for _, url := range []string{
			"http://127.0.0.1/x", "http://127.8.9.1:8080", "https://10.0.0.5", "http://172.16.3.4", "http://192.168.1.1", "http://169.254.169.254/latest/meta-data",
			"http://[::1]:80/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
			"http://0.0.0.0", "http://100.64.0.1", "http://255.255.255.255", "http://224.0.0.1", "http://localhost", "http://LOCALHOST.:3000", "http://api.localhost",
			"http://2130706433/", "http://127.1", "http://0x7f.0.0.1", "http://0x7f000001",
		} {
			c.post(store+"/webhooks", object{"url": url, "events": array{"order.paid"}}).invalid("body.url")
			c.patch(one, object{"url": url}).invalid("body.url")
		}
		for _, url := range []string{"", "hooks.example", "ftp://hooks.example", "https://", "https://user:pw@hooks.example", "https://hooks.example:0", "https://hooks.example:70000", "https://ho\x00oks.example", "javascript:alert(1)", "https://h.example/" + strings.Repeat("x", 2048)} {
			c.post(store+"/webhooks", object{"url": url, "events": array{"order.paid"}}).invalid("body.url")
		}
		c.post(store+"/webhooks", object{"url": "https://hooks.example", "events": array{}}).invalid("body.events")
		c.post(store+"/webhooks", object{"url": "https://hooks.example", "events": array{"order.eaten"}}).want(http.StatusUnprocessableEntity)
		c.post(store+"/webhooks", object{"url": "https://hooks.example"}).want(http.StatusUnprocessableEntity)
		c.patch(one, object{"events": array{}}).invalid("body.events")
		c.patch(one, object{"events": array{"webhook.test"}}).want(http.StatusUnprocessableEntity)
		c.hook(store, "http://93.184.216.34:8080/public", "order.paid")
		c.hook(store, "https://[2606:2800:220:1:248:1893:25c8:1946]/", "order.paid")
	})
}

// The address in the database is changed, as DNS would be: to a name that has come
// to lead to this machine.
func TestWebhooks_privateAddressesAreRefusedAgainWhenDialled(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		inside := receive(t, nil)
		c := p.merchant(t)
		store := c.store(object{})
		hook, _ := c.hook(store, "https://hooks.example", "product.created")
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE webhook SET url = $1`, strings.Replace(inside.url, "127.0.0.1", "localhost", 1))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		p.send(t, webhook.NewService(sealer(t), false), sender.Options{})
		if d := c.delivery(hook, "pending", 1); d["response_code"] != nil || !strings.Contains(fmt.Sprint(d["error"]), "private") {
			t.Errorf("delivery: %v", d)
		}
		inside.none()
	})
}

func TestWebhooks_areSignedAfterStandardWebhooks(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		r := receive(t, nil)
		c := p.merchant(t)
		store := c.store(object{})
		hook, secret := c.hook(store, r.url, "product.created")
		product := c.post(store+"/products", object{"title": "Mug <&> Söhne"}).want(http.StatusCreated).object()
		got := r.next()
		kind, data := got.event(t, secret)
		if kind != "product.created" || data["id"] != product["id"] || data["title"] != "Mug <&> Söhne" || "/stores/"+data["store_id"].(string) != store || data["slug"] != product["slug"] || data["status"] != "active" {
			t.Errorf("%s: %v", kind, data)
		}
		if sent := got.header.Get("Webhook-Timestamp"); sent != strconv.FormatInt(began.Unix(), 10) {
			t.Errorf("webhook-timestamp: %s", sent)
		}
		if got.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(got.header.Get("Webhook-Signature"), "v1,") {
			t.Errorf("headers: %v", got.header)
		}
		d := c.delivery(hook, "succeeded", 1)
		if d["id"] != got.header.Get("Webhook-Id") || d["response_code"] != 204.0 || d["event"] != "product.created" || d["error"] != nil || d["next_attempt_at"] != nil || d["delivered_at"] != "2026-01-15T12:00:00Z" {
			t.Errorf("delivery: %v", d)
		}
		full := c.get(hook + "/deliveries/" + d["id"].(string)).want(http.StatusOK).object()
		if full["payload"].(object)["data"].(object)["id"] != product["id"] {
			t.Errorf("delivery: %v", full)
		}
	})
}

func TestWebhooks_everyChangeOfAProductIsAnEvent(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		r := receive(t, nil)
		c := p.merchant(t)
		ids := c.oneOfEach()
		store := "/stores/" + ids["store_id"]
		_, secret := c.hook(store, r.url, "product.created", "product.updated", "product.deleted", "store.cloned")
		product := store + "/products/" + ids["product_id"]
		expect := func(kind string) object {
			t.Helper()
			got, data := r.next().event(t, secret)
			if got != kind {
				t.Fatalf("%s arrived instead of %s", got, kind)
			}
			return data
		}
		if data := func() object {
			c.patch(product, object{"title": "Cup"}).want(http.StatusOK)
			return expect("product.updated")
		}(); data["title"] != "Cup" {
			t.Errorf("updated: %v", data)
		}
		v := c.post(product+"/variants", object{"title": "Large"}).want(http.StatusCreated).object()["id"].(string)
		expect("product.updated")
		c.patch(product+"/variants/"+v, object{"price": "3"}).want(http.StatusOK)
		expect("product.updated")
		c.delete(product + "/variants/" + v).want(http.StatusNoContent)
		expect("product.updated")
		c.put(product+"/suppliers/"+ids["supplier_id"], object{"cost": "1"}).want(http.StatusOK)
		expect("product.updated")
		c.delete(product + "/suppliers/" + ids["supplier_id"]).want(http.StatusNoContent)
		expect("product.updated")
		copied := c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		if data := expect("store.cloned"); data["id"] != copied["id"] || "/stores/"+data["source_store_id"].(string) != store || data["slug"] != copied["slug"] {
			t.Errorf("cloned: %v", data)
		}
		c.post(store+"/orders/"+ids["order_id"]+"/cancel", nil).want(http.StatusOK) // what is held cannot be deleted
		c.delete(product).want(http.StatusNoContent)
		if data := expect("product.deleted"); data["id"] != ids["product_id"] || data["title"] != "Cup" {
			t.Errorf("deleted: %v", data)
		}
		c.post("/stores/"+copied["id"].(string)+"/products", object{"title": "Not told"}).want(http.StatusCreated) // webhooks are not cloned
		c.post(store+"/products", object{"title": "Last"}).want(http.StatusCreated)
		if data := expect("product.created"); data["title"] != "Last" {
			t.Errorf("created: %v", data)
		}
	})
}

func TestWebhooks_aChangeThatIsRolledBackSendsNothing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		c.hook(store, "https://hooks.example", "product.created", "product.updated", "store.cloned")
		mug := object{"title": "Mug", "variants": array{object{"sku": "MUG"}}}
		one := store + "/products/" + c.post(store+"/products", mug).want(http.StatusCreated).object()["id"].(string)
		c.post(store+"/products", mug).want(http.StatusBadRequest)
		c.post(store+"/products", object{"title": "Mug", "category_ids": array{strings.TrimPrefix(store, "/stores/")}}).want(http.StatusBadRequest)
		c.patch(one, object{"title": ""}).want(http.StatusUnprocessableEntity)
		c.post(store+"/clone?dry_run=true", nil).want(http.StatusOK)
		if n := p.count(t, `SELECT count(*) FROM webhook_delivery`); n != 1 {
			t.Errorf("%d events were written for one change", n)
		}
	})
}

func TestWebhooks_areTriedAgainWithinTenSecondsUnderTheSameID(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		r := receive(t, func(w http.ResponseWriter, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = w.Write([]byte("out of\x00 \xff paper"))
			}
		})
		c := p.merchant(t)
		store := c.store(object{})
		hook, secret := c.hook(store, r.url, "product.created")
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		first := r.next()
		d := c.delivery(hook, "pending", 1)
		again, err := time.Parse(time.RFC3339, d["next_attempt_at"].(string))
		if wait := again.Sub(began); err != nil || wait <= 0 || wait > 10*time.Second {
			t.Errorf("tried again after %s (%v)", wait, err)
		}
		if d["response_code"] != 500.0 || d["response_body"] != "out of \uFFFD paper" || !strings.Contains(d["error"].(string), "500") || d["delivered_at"] != nil {
			t.Errorf("delivery: %v", d)
		}
		r.none()
		p.clock.Advance(10 * time.Second)
		second := r.next()
		second.event(t, secret)
		if first.header.Get("Webhook-Id") != second.header.Get("Webhook-Id") || string(first.raw) != string(second.raw) || first.header.Get("Webhook-Timestamp") == second.header.Get("Webhook-Timestamp") {
			t.Errorf("first %v, then %v", first.header, second.header)
		}
		if d := c.delivery(hook, "succeeded", 2); d["response_code"] != 200.0 || d["error"] != nil {
			t.Errorf("delivery: %v", d)
		}
	})
}

func TestWebhooks_areGivenUpAfterADayAndCanBeSentAgain(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		dead := receive(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusServiceUnavailable) })
		c := p.merchant(t)
		store := c.store(object{})
		hook, secret := c.hook(store, dead.url, "product.created")
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		first := dead.next()
		attempts, last := 1, time.Duration(0)
		for {
			d := c.delivery(hook, map[bool]string{true: "failed", false: "pending"}[attempts > 10], attempts)
			if d["next_attempt_at"] == nil {
				break
			}
			at, err := time.Parse(time.RFC3339, d["next_attempt_at"].(string))
			if err != nil {
				t.Fatal(err)
			}
			wait := at.Sub(p.clock.Now())
			if wait <= last {
				t.Errorf("after attempt %d it waits %s, before that %s", attempts, wait, last)
			}
			last = wait
			p.clock.Advance(wait)
			if next := dead.next(); next.header.Get("Webhook-Id") != first.header.Get("Webhook-Id") {
				t.Errorf("attempt %d has another id", attempts+1)
			}
			attempts++
		}
		if took := p.clock.Now().Sub(began); took < 22*time.Hour || took > 26*time.Hour {
			t.Errorf("given up after %s", took)
		}
		alive := receive(t, nil)
		c.patch(hook, object{"url": alive.url}).want(http.StatusOK)
		one := hook + "/deliveries/" + first.header.Get("Webhook-Id")
		if d := c.post(one+"/redeliver", nil).want(http.StatusAccepted).object(); d["status"] != "pending" || d["id"] != first.header.Get("Webhook-Id") {
			t.Errorf("redelivered: %v", d)
		}
		if got := alive.next(); got.header.Get("Webhook-Id") != first.header.Get("Webhook-Id") || string(got.raw) != string(first.raw) {
			t.Errorf("redelivered: %s", got.raw)
		} else {
			got.event(t, secret)
		}
		c.delivery(hook, "succeeded", attempts+1)
		c.post(one+"/redeliver", nil).want(http.StatusAccepted) // also what has arrived
		alive.next()
		c.post(hook+"/deliveries/"+strings.TrimPrefix(store, "/stores/")+"/redeliver", nil).want(http.StatusNotFound)
	})
}

func TestWebhooks_redirectsAreNeverFollowed(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		elsewhere := receive(t, nil)
		r := receive(t, func(w http.ResponseWriter, _ int) {
			w.Header().Set("Location", elsewhere.url)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		c := p.merchant(t)
		store := c.store(object{})
		hook, _ := c.hook(store, r.url, "product.created")
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		if d := c.delivery(hook, "pending", 1); d["response_code"] != 307.0 || !strings.Contains(d["error"].(string), "redirect") {
			t.Errorf("delivery: %v", d)
		}
		elsewhere.none()
	})
}

func TestWebhooks_aDeadReceiverDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		hooks := webhook.NewService(sealer(t), true)
		p := serve(t, address, api.Deps{Webhooks: hooks})
		done := make(chan struct{})
		defer close(done)
		dead := receive(t, func(http.ResponseWriter, int) { <-done })
		alive := receive(t, nil)
		c := p.merchant(t)
		store := c.store(object{})
		c.hook(store, dead.url, "product.created")
		_, secret := c.hook(store, alive.url, "product.created")
		for i := range 50 {
			c.post(store+"/products", object{"title": fmt.Sprint("Mug ", i)}).want(http.StatusCreated)
		}
		p.send(t, hooks, sender.Options{Timeout: time.Hour})
		for range 4 {
			dead.next()
		}
		var titles []string
		for range 50 {
			_, data := alive.next().event(t, secret)
			titles = append(titles, data["title"].(string))
		}
		slices.Sort(titles)
		if len(slices.Compact(titles)) != 50 {
			t.Errorf("arrived: %v", titles)
		}
		dead.none() // more than four are never under way
	})
}

func TestWebhooks_whatAProcessTookAndDidNotSendIsSentByAnother(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		hooks := webhook.NewService(sealer(t), true)
		p := serve(t, address, api.Deps{Webhooks: hooks})
		r := receive(t, nil)
		c := p.merchant(t)
		store := c.store(object{})
		hook, _ := c.hook(store, r.url, "product.created")
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		due, err := webhook.Due(t.Context(), p.db, p.db.Now())
		if err != nil || len(due) != 1 {
			t.Fatal(due, err)
		}
		if taken, err := hooks.Claim(t.Context(), p.db, due[0], 10, 30*time.Second); err != nil || len(taken) != 1 {
			t.Fatal(taken, err) // and now its process dies
		}
		p.send(t, hooks, sender.Options{})
		if d := c.get(hook + "/deliveries").array()[0]; d["status"] != "pending" || d["attempts"] != 1.0 {
			t.Errorf("delivery: %v", d)
		}
		r.none()
		p.clock.Advance(30 * time.Second)
		r.next()
		c.delivery(hook, "succeeded", 2)
	})
}

func TestWebhooks_twoProcessesSendEachEventOnce(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		hooks := webhook.NewService(sealer(t), true)
		p := serve(t, address, api.Deps{Webhooks: hooks})
		r := receive(t, nil)
		c := p.merchant(t)
		store := c.store(object{})
		hook, _ := c.hook(store, r.url, "product.created", "product.updated")
		one := store + "/products/" + c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string)
		p.send(t, hooks, sender.Options{})
		p.send(t, hooks, sender.Options{})
		for range 60 {
			c.patch(one, object{"title": "Cup"}).want(http.StatusOK)
		}
		seen := map[string]bool{}
		for range 61 {
			seen[r.next().header.Get("Webhook-Id")] = true
		}
		if len(seen) != 61 {
			t.Errorf("%d of 61 events arrived", len(seen))
		}
		for len(c.all(hook+"/deliveries?status=succeeded", 50)) < 61 {
			if t.Context().Err() != nil {
				t.Fatal("they are not all written down")
			}
		}
		r.none()
	})
}

func TestWebhooks_oneThatIsSwitchedOffHearsNothing(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		r := receive(t, func(w http.ResponseWriter, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusBadGateway)
			}
		})
		c := p.merchant(t)
		store := c.store(object{})
		hook, _ := c.hook(store, r.url, "product.created")
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		r.next()
		waiting := c.delivery(hook, "pending", 1)
		c.patch(hook, object{"is_active": false}).want(http.StatusOK)
		c.post(store+"/products", object{"title": "Cup"}).want(http.StatusCreated)
		p.clock.Advance(time.Minute)
		if d := c.delivery(hook, "failed", 2); d["id"] != waiting["id"] || d["error"] != "The webhook was switched off." {
			t.Errorf("delivery: %v", d)
		}
		c.post(hook+"/test", nil).want(http.StatusBadRequest).detail("switched off")
		c.post(hook+"/deliveries/"+waiting["id"].(string)+"/redeliver", nil).want(http.StatusBadRequest)
		r.none()
		c.patch(hook, object{"is_active": true, "events": array{"product.deleted"}}).want(http.StatusOK)
		c.post(store+"/products", object{"title": "Not asked for"}).want(http.StatusCreated)
		test := c.post(hook+"/test", nil).want(http.StatusAccepted).object()
		if got := r.next(); got.header.Get("Webhook-Id") != test["id"] || !bytes.Contains(got.raw, []byte(`"type":"webhook.test"`)) {
			t.Errorf("arrived: %s", got.raw)
		}
		r.none()
	})
}

func TestWebhooks_ofADeletedStoreHearNothing(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		hooks := webhook.NewService(sealer(t), true)
		p := serve(t, address, api.Deps{Webhooks: hooks})
		r := receive(t, nil)
		c := p.merchant(t)
		store, kept := c.store(object{}), c.store(object{})
		c.hook(store, r.url, "product.created")
		c.hook(kept, r.url, "product.created")
		for _, st := range []string{store, kept} {
			c.post(st+"/products", object{"title": "Mug of " + st}).want(http.StatusCreated)
		}
		c.delete(store).want(http.StatusNoContent)
		p.send(t, hooks, sender.Options{})
		if got := r.next(); !bytes.Contains(got.raw, []byte("Mug of "+kept)) {
			t.Errorf("arrived: %s", got.raw)
		}
		for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			given, err := db.One(t.Context(), p.db, db.Value[int], `SELECT count(*) FROM webhook_delivery WHERE status = 'failed'`)
			if err != nil || time.Now().After(deadline) {
				t.Fatal("what waited is not given up:", given, err)
			}
			if given == 1 {
				break
			}
		}
		r.none()
		if n, err := db.One(t.Context(), p.db, db.Value[int], `SELECT count(*) FROM webhook_event`); err != nil || n != 1 {
			t.Errorf("%d subscriptions, %v", n, err)
		}
	})
}

func TestWebhooks_oldDeliveriesAreCleanedAway(t *testing.T) {
	eachSending(t, func(t *testing.T, p *platform) {
		r := receive(t, nil)
		c := p.merchant(t)
		store := c.store(object{})
		hook, _ := c.hook(store, r.url, "product.created")
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		c.delivery(hook, "succeeded", 1)
		count := func() int {
			if err := webhook.Clean(t.Context(), p.db); err != nil {
				t.Fatal(err)
			}
			return p.count(t, `SELECT (SELECT count(*) FROM webhook_delivery) * 10 + (SELECT count(*) FROM webhook)`)
		}
		p.clock.Advance(7 * 24 * time.Hour)
		if n := count(); n != 11 {
			t.Errorf("kept %d", n)
		}
		c.delete(hook).want(http.StatusNoContent)
		p.clock.Advance(time.Hour)
		if n := count(); n != 1 {
			t.Errorf("kept %d", n)
		}
		p.clock.Advance(7 * 24 * time.Hour)
		if n := count(); n != 0 {
			t.Errorf("kept %d", n)
		}
	})
}
