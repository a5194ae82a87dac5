package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type paymentNoticeInput struct {
	Signature string `header:"Stripe-Signature" doc:"The provider's, over the body as it was sent."`
	RawBody   []byte `contentType:"application/json"`
}

func (a *API) paymentRoutes() {
	register(a, route{
		method: http.MethodPost, path: "/payments/webhook", id: "receive-payment-webhook", tag: "Payments", public: true, limited: true, raw: true, status: http.StatusNoContent,
		summary: "Receive a webhook of the payment provider",
		detail:  "For the payment provider alone: what it has not signed is refused. One that comes twice, late or out of order changes nothing.",
		errors:  []int{http.StatusBadRequest},
	}, a.receivePayment)
}

func rawBody() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}},
	}}
}

func (a *API) receivePayment(ctx context.Context, in *paymentNoticeInput) (*nothing, error) {
	return nil, a.Till.Receive(ctx, in.RawBody, in.Signature)
}
