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
var spans = []web.Option{
	{Value: "7", Label: "Last 7 days"},
	{Value: "30", Label: "Last 30 days"},
	{Value: "90", Label: "Last 90 days"},
	{Value: "365", Label: "Last 365 days"},
}

// usualSpan is looked at unless another one is chosen.
const usualSpan = "30"

func (d *Dashboard) showAnalytics(w http.ResponseWriter, v *visit) error {
	span := usualSpan
	for _, s := range spans {
		if v.URL.Query().Get("days") == s.Value {
			span = s.Value
		}
	}
	days, err := strconv.Atoi(span)
	if err != nil {
		return err
	}
	s, err := d.sold(v, days)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Analytics", "analytics")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, analyticsPage(frame, v.at(""), span, s, revenueChart(v.store.Currency, s)))
}

// sold is what the store sold in the last days, today included.
func (d *Dashboard) sold(v *visit, days int) (analytics.Summary, error) {
	now := d.DB.Now()
	from := now.Add(-time.Duration(days-1) * day)
	r, err := analytics.NewRange(&from, nil, now)
	if err != nil {
		return analytics.Summary{}, err
	}
	return analytics.Summarise(v.Context(), d.DB, v.store.ID, r)
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
