package stress

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/clock"
)

// shop is a store on the server and what is sold there.
type shop struct {
	url   string
	http  *http.Client
	token string
	path  string // of the store

	variant string
	level   string
}

type object = map[string]any

// open registers a merchant and gives their store the item.
func (s *shop) open(ctx context.Context, stock int) error {
	at := clock.System{}.Now()
	var login struct {
		AccessToken string `json:"access_token"`
	}
	email := "stress-" + strconv.FormatInt(at.UnixNano(), 36) + "@example.com"
	if err := s.must(ctx, "POST", "/auth/register", object{"email": email, "password": "a long password", "name": "Stress"}, &login); err != nil {
		return err
	}
	s.token = login.AccessToken
	var made struct{ ID string }
	if err := s.must(ctx, "POST", "/stores", object{"name": "Stress " + at.Format(time.DateTime), "store_type": "ecommerce"}, &made); err != nil {
		return err
	}
	s.path = "/stores/" + made.ID
	var product struct{ Variants []struct{ ID string } }
	if err := s.must(ctx, "POST", s.path+"/products", object{"title": "Hot item", "variants": []any{object{"sku": "HOT-1", "price": "9.99"}}}, &product); err != nil {
		return err
	}
	s.variant = product.Variants[0].ID
	if err := s.must(ctx, "POST", s.path+"/inventory", object{"variant_id": s.variant, "quantity": stock}, &made); err != nil {
		return err
	}
	s.level = made.ID
	return nil
}

// order tries to buy one unit from a server.
func (s *shop) order(ctx context.Context, server string, i int) outcome {
	at := *s
	at.url = server
	watch := clock.Start()
	status, raw, err := at.call(ctx, "POST", s.path+"/orders", object{
		"customer": object{"email": fmt.Sprintf("shopper-%d@example.com", i)},
		"items":    []any{object{"variant_id": s.variant, "quantity": 1}},
	})
	o := outcome{took: watch.Elapsed(), status: status}
	if err != nil {
		o.said = err.Error()
		return o
	}
	var problem struct{ Code string }
	_ = json.Unmarshal(raw, &problem)
	o.said = problem.Code
	return o
}

// figures are the numbers of the level.
type figures struct {
	Quantity int64 `json:"quantity"`
	Reserved int64 `json:"reserved_quantity"`
}

// audit replays the level's ledger and compares it with the level, and both with
// what was sold.
func (s *shop) audit(ctx context.Context, stock, sold int) ([]string, error) {
	var levels []figures
	if err := s.must(ctx, "GET", s.path+"/inventory?variant_id="+s.variant, nil, &levels); err != nil {
		return nil, err
	}
	if len(levels) != 1 {
		return []string{fmt.Sprintf("there are %d levels of the item", len(levels))}, nil
	}
	replayed, reserved, err := s.replay(ctx)
	if err != nil {
		return nil, err
	}
	var wrong []string
	if replayed != levels[0] {
		wrong = append(wrong, fmt.Sprintf("the ledger comes to %+v, the level has %+v", replayed, levels[0]))
	}
	if want := (figures{int64(stock), int64(sold)}); levels[0] != want {
		wrong = append(wrong, fmt.Sprintf("the level has %+v, not %+v", levels[0], want))
	}
	if reserved != sold {
		wrong = append(wrong, fmt.Sprintf("the ledger has %d reservations for %d orders", reserved, sold))
	}
	return wrong, nil
}

// replay adds up the level's ledger, and counts the reservations in it.
func (s *shop) replay(ctx context.Context) (sum figures, reserved int, err error) {
	next := s.path + "/inventory/" + s.level + "/adjustments?limit=200"
	for next != "" {
		var page []struct {
			Quantity int64  `json:"quantity_change"`
			Reserved int64  `json:"reserved_change"`
			Reason   string `json:"reason"`
		}
		if next, err = s.page(ctx, next, &page); err != nil {
			return sum, reserved, err
		}
		for _, a := range page {
			sum.Quantity += a.Quantity
			sum.Reserved += a.Reserved
			if a.Reason == "reserved" {
				reserved++
			}
		}
	}
	return sum, reserved, nil
}

const base = "/api/v1"

// must calls the API and reads a good answer.
func (s *shop) must(ctx context.Context, method, path string, body, into any) error {
	status, raw, err := s.call(ctx, method, path, body)
	if err != nil {
		return err
	}
	if status >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %d %s", method, path, status, bytes.TrimSpace(raw))
	}
	return json.Unmarshal(raw, into)
}

func (s *shop) call(ctx context.Context, method, path string, body any) (status int, raw []byte, err error) {
	res, err := s.send(ctx, method, path, body)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	raw, err = io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}

func (s *shop) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+base+path, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	return s.http.Do(req)
}

// page reads a page of a list and returns the path of the next one, or "".
func (s *shop) page(ctx context.Context, path string, into any) (next string, err error) {
	res, err := s.send(ctx, "GET", path, nil)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("GET %s: %d", path, res.StatusCode)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return "", err
	}
	link, found := strings.CutPrefix(res.Header.Get("Link"), "<")
	if !found {
		return "", nil
	}
	address, _, _ := strings.Cut(link, ">")
	_, next, _ = strings.Cut(address, base)
	return next, nil
}
