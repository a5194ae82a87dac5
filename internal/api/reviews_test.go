package api_test

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// front returns the path of a store's storefront.
func (c *client) front(store string) string {
	c.t.Helper()
	return "/storefront/" + c.get(store).want(http.StatusOK).object()["slug"].(string)
}

func TestReviews_waitForTheMerchantAndOnlyApprovedOnesCountAndShow(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		product := store + "/products/" + c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string)
		shelf := c.front(store) + "/products/mug"
		sent := shopper.post(shelf+"/reviews", object{"rating": 5, "title": " Fine ", "body": "Holds\r\ntea.", "author": "Ann", "email": "ann@example.com"}).want(http.StatusCreated).object()
		want := object{"rating": 5.0, "title": "Fine", "body": "Holds\ntea.", "author": "Ann", "status": "pending", "created_at": "2026-01-15T12:00:00Z"}
		review := store + "/reviews/" + sent["id"].(string)
		delete(sent, "id")
		if !reflect.DeepEqual(sent, want) {
			t.Errorf("sent: %v", sent)
		}
		rated := func(average any, count float64) {
			t.Helper()
			for _, got := range []object{c.get(product).want(http.StatusOK).object(), shopper.get(shelf).want(http.StatusOK).object()} {
				if got["rating_average"] != average || got["review_count"] != count {
					t.Errorf("rated %v by %v, want %v by %v", got["rating_average"], got["review_count"], average, count)
				}
			}
			if shows := shopper.get(shelf + "/reviews").want(http.StatusOK).array(); len(shows) != int(count) {
				t.Errorf("%d reviews show: %v", len(shows), shows)
			}
		}
		rated(nil, 0)
		if got := c.get(review).want(http.StatusOK).object(); got["email"] != "ann@example.com" || got["product_title"] != "Mug" || product != store+"/products/"+got["product_id"].(string) {
			t.Errorf("review: %v", got)
		}
		for range 2 { // the second time nothing happens
			if got := c.patch(review, object{"status": "approved"}).want(http.StatusOK).object(); got["status"] != "approved" {
				t.Errorf("approved: %v", got)
			}
			rated(5.0, 1)
		}
		second := shopper.post(shelf+"/reviews", object{"rating": 2, "author": "Bob"}).want(http.StatusCreated).object()["id"].(string)
		third := shopper.post(shelf+"/reviews", object{"rating": 1, "author": "Cy"}).want(http.StatusCreated).object()["id"].(string)
		c.patch(store+"/reviews/"+second, object{"status": "approved"}).want(http.StatusOK)
		c.patch(store+"/reviews/"+third, object{"status": "approved"}).want(http.StatusOK)
		rated(2.67, 3)
		if shows := shopper.all(shelf+"/reviews", 2); shows[0]["author"] != "Cy" || strings.Contains(string(shopper.get(shelf+"/reviews").raw), "example.com") {
			t.Errorf("shown: %v", shows)
		}
		c.patch(store+"/reviews/"+third, object{"status": "rejected"}).want(http.StatusOK)
		rated(3.5, 2)
		c.patch(review, object{"status": "pending"}).want(http.StatusOK)
		c.patch(review, object{}).want(http.StatusOK)
		rated(2.0, 1)
		for query, n := range map[string]int{"": 3, "?status=approved": 1, "?status=pending": 1, "?status=rejected": 1, "?product_id=" + strings.TrimPrefix(store, "/stores/"): 0} {
			if got := c.get(store + "/reviews" + query).want(http.StatusOK).array(); len(got) != n {
				t.Errorf("%s: %d reviews", query, len(got))
			}
		}
		c.get(store + "/reviews?status=new").invalid("query.status")
		c.patch(review, object{"status": "great"}).invalid("body.status")
		c.patch(store+"/reviews/"+strings.TrimPrefix(store, "/stores/"), object{"status": "great"}).want(http.StatusNotFound)
	})
}

func TestReviews_areCheckedAndBelongToWhatIsSold(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		one := store + "/products/" + c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string)
		c.post(store+"/products", object{"title": "Draft", "status": "draft"}).want(http.StatusCreated)
		front := c.front(store)
		reviews := front + "/products/mug/reviews"
		for _, rating := range []any{0, 6, 2.5, "5", nil} {
			shopper.post(reviews, object{"rating": rating, "author": "Ann"}).want(http.StatusUnprocessableEntity)
		}
		shopper.post(reviews, object{"rating": 3}).want(http.StatusUnprocessableEntity)
		shopper.post(reviews, object{"rating": 3, "author": " ", "email": "ann", "title": "a\x00b", "body": strings.Repeat("x", 10_001)}).invalid("body.author", "body.email", "body.title", "body.body")
		shopper.post(reviews, object{"rating": 3, "author": "Ann", "status": "approved"}).want(http.StatusUnprocessableEntity)
		shopper.post(front+"/products/draft/reviews", object{"rating": 3}).want(http.StatusNotFound)
		shopper.post(front+"/products/none/reviews", object{"rating": 9}).want(http.StatusNotFound)
		shopper.get(front + "/products/draft/reviews").want(http.StatusNotFound)
		shopper.post("/storefront/none/products/mug/reviews", object{}).want(http.StatusNotFound)
		c.patch(store, object{"status": "paused"}).want(http.StatusOK)
		shopper.post(reviews, object{"rating": 3, "author": ""}).want(http.StatusUnprocessableEntity)
		shopper.post(reviews, object{"rating": 3, "author": "Ann"}).want(http.StatusBadRequest).detail("paused")
		c.patch(store, object{"status": "active"}).want(http.StatusOK)
		review := shopper.post(reviews, object{"rating": 3, "author": "Ann"}).want(http.StatusCreated).object()["id"].(string)
		c.delete(one).want(http.StatusNoContent)
		shopper.get(reviews).want(http.StatusNotFound)
		c.patch(store+"/reviews/"+review, object{"status": "approved"}).want(http.StatusOK) // kept for the books
	})
}

func TestReviews_oneThatIsApprovedByManyAtOnceCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		product := store + "/products/" + c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string)
		reviews := c.front(store) + "/products/mug/reviews"
		var wg sync.WaitGroup
		for range 4 {
			one := store + "/reviews/" + shopper.post(reviews, object{"rating": 4, "author": "Ann"}).want(http.StatusCreated).object()["id"].(string)
			for i := range 4 {
				wg.Go(func() {
					if s := c.patch(one, object{"status": "approved"}).status; s != http.StatusOK {
						t.Errorf("moderate: %d", s)
					}
					if i == 0 {
						if s := c.patch(product, object{"title": "Cup"}).status; s != http.StatusOK {
							t.Errorf("change the product: %d", s)
						}
					}
				})
			}
		}
		wg.Wait()
		if got := c.get(product).object(); got["review_count"] != 4.0 || got["rating_average"] != 4.0 || got["title"] != "Cup" {
			t.Errorf("product: %v", got)
		}
	})
}

func TestReviews_sendingOneTwiceUnderAKeyMakesOne(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		one, two := c.store(object{"name": "One"}), c.store(object{"name": "Two"})
		for _, store := range []string{one, two} {
			c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
			reviews := c.front(store) + "/products/mug/reviews"
			first := shopper.postKeyed("key", reviews, object{"rating": 4, "author": "Ann"}).want(http.StatusCreated)
			again := shopper.postKeyed("key", reviews, object{"rating": 4, "author": "Ann"}).want(http.StatusCreated)
			if string(first.raw) != string(again.raw) || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
				t.Errorf("%s and %s", first.raw, again.raw)
			}
			shopper.postKeyed("key", reviews, object{"rating": 1, "author": "Ann"}).want(http.StatusUnprocessableEntity)
			if n := len(c.get(store + "/reviews").array()); n != 1 {
				t.Errorf("%d reviews", n)
			}
		}
		c.postKeyed("key", "/stores", object{"name": "The owner's own key"}).want(http.StatusCreated)
	})
}
