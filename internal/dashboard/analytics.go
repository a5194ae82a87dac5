package dashboard

import (
	"net/http"
	"strconv"
	"time"

	"vitrine/internal/analytics"
	"vitrine/internal/money"
	"vitrine/internal/web"
)

func (d *Dashboard) analyticsRoutes() {
	d.inStore("GET", "/analytics", d.showAnalytics)
}

const day = 24 * time.Hour

// spans are the ranges that can be looked at, in days.
func spans() []web.Option {
	options := make([]web.Option, len(analytics.Spans))
	for i, days := range analytics.Spans {
		n := strconv.Itoa(days)
		options[i] = web.Option{Value: n, Label: "Last " + n + " days"}
	}
	return options
}

// usualSpan is looked at unless another one is chosen.
const usualSpan = "30"

func (d *Dashboard) showAnalytics(w http.ResponseWriter, v *visit) error {
	span := usualSpan
	for _, s := range spans() {
		if v.URL.Query().Get("days") == s.Value {
			span = s.Value
		}
	}
	days, err := strconv.Atoi(span)
	if err != nil {
		return err
	}
	r, err := d.lately(days)
	if err != nil {
		return err
	}
	s, err := analytics.Summarise(v.Context(), d.DB, v.store.ID, r)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Analytics", "analytics")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, analyticsPage(frame, v.at(""), span, s, revenueChart(v.store.Currency, s)))
}

// lately are the last days, today included.
func (d *Dashboard) lately(days int) (analytics.Range, error) {
	now := d.DB.Now()
	from := now.Add(-time.Duration(days-1) * day)
	return analytics.NewRange(&from, nil, now)
}

func revenueChart(c money.Currency, s analytics.Summary) web.Chart {
	chart := web.Chart{Title: "Revenue by day", Head: [2]string{"Day", "Revenue"}}
	var highest money.Amount
	for _, d := range s.Daily {
		highest = max(highest, d.Revenue)
		chart.Points = append(chart.Points, web.Point{Label: d.Date.Format("2 Jan 2006"), Value: int64(d.Revenue), Text: web.Amount(c, d.Revenue)})
	}
	chart.Max = web.Amount(c, highest)
	return chart
}
