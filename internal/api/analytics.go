package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"vitrine/internal/analytics"
	"vitrine/internal/fault"
)

// AnalyticsSummary is what a store sold between two days.
type AnalyticsSummary struct {
	Revenue           string         `json:"revenue" example:"1250.00" doc:"What orders came to, less what was paid back."`
	Orders            int            `json:"orders" doc:"Without cancelled ones."`
	Units             int            `json:"units"`
	AverageOrderValue string         `json:"average_order_value" example:"41.67"`
	TopProducts       []ProductSales `json:"top_products" doc:"By revenue, up to ten."`
	Daily             []DaySales     `json:"daily" doc:"Every day, also those without orders."`
}

// ProductSales are what was sold of a product.
type ProductSales struct {
	ProductID string `json:"product_id" format:"uuid"`
	Title     string `json:"title"`
	Units     int    `json:"units"`
	Revenue   string `json:"revenue" doc:"After discounts, without tax."`
}

// DaySales are what was sold on a day.
type DaySales struct {
	Date    string `json:"date" format:"date"`
	Orders  int    `json:"orders"`
	Units   int    `json:"units"`
	Revenue string `json:"revenue"`
}

type summaryInput struct {
	StorePath
	From string `query:"from" doc:"The first day, as a date or a time; by default 30 days in all." example:"2026-01-01"`
	To   string `query:"to" doc:"The last day; by default today (UTC)." example:"2026-01-31"`
}

func (a *API) analyticsRoutes() {
	register(a, route{
		method: http.MethodGet, path: storePath + "/analytics/summary", id: "get-analytics-summary", tag: "Analytics", summary: "Summarise sales",
	}, a.summarise)
}

func (a *API) summarise(ctx context.Context, in *summaryInput) (*answer[AnalyticsSummary], error) {
	var f fault.Form
	from, to := readDay(&f, "from", in.From), readDay(&f, "to", in.To)
	if err := f.Err(); err != nil {
		return nil, inQuery(err)
	}
	r, err := analytics.NewRange(from, to, a.DB.Now())
	if err != nil {
		return nil, inQuery(err)
	}
	s, err := analytics.Summarise(ctx, a.DB, shop(ctx).ID, r)
	return shown(s, err, func(s analytics.Summary) AnalyticsSummary {
		m := shop(ctx).Currency.Format
		return AnalyticsSummary{
			Revenue: m(s.Revenue), Orders: s.Orders, Units: s.Units, AverageOrderValue: m(s.AverageOrder),
			TopProducts: each(s.TopProducts, func(p analytics.ProductFigures) ProductSales {
				return ProductSales{ProductID: p.Product.String(), Title: p.Title, Units: p.Units, Revenue: m(p.Revenue)}
			}),
			Daily: each(s.Daily, func(d analytics.DayFigures) DaySales {
				return DaySales{Date: d.Date.Format(time.DateOnly), Orders: d.Orders, Units: d.Units, Revenue: m(d.Revenue)}
			}),
		}
	})
}

// inQuery says that the fields that are wrong stand in the query.
func inQuery(err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	moved := *e
	moved.Fields = each(e.Fields, func(f fault.Field) fault.Field {
		f.Path = "query." + f.Path
		return f
	})
	return &moved
}

// readDay reads a date, or the date of a time. What is neither goes to f.
func readDay(f *fault.Form, name, s string) *time.Time {
	if s == "" {
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return &t
		}
	}
	f.Addf(name, s, "must be a date such as 2026-01-31")
	return nil
}
