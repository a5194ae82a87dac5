package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/store"
)

// CustomDomain is a name of its own that a store stands under.
type CustomDomain struct {
	ID                 string             `json:"id" format:"uuid"`
	StoreID            *string            `json:"store_id" format:"uuid"`
	Domain             string             `json:"domain" doc:"In ASCII: xn-- where it was written with other letters." example:"mystore.com"`
	Status             string             `json:"status" enum:"pending,verified,active,error"`
	StatusReason       *string            `json:"status_reason" doc:"What is wrong, in words; null when nothing is."`
	VerificationToken  string             `json:"verification_token"`
	VerificationRecord VerificationRecord `json:"verification_record" doc:"The record that proves that the domain is yours."`
	VerifiedAt         *string            `json:"verified_at" format:"date-time"`
	DNSProvider        *string            `json:"dns_provider" doc:"Where its records are; null before the first one is made." example:"mock"`
	DNSZoneID          *string            `json:"dns_zone_id"`
	AutoDNSConfigured  bool               `json:"auto_dns_configured"`
	SSLProvisioned     bool               `json:"ssl_provisioned"`
	SSLProvider        *string            `json:"ssl_provider" example:"letsencrypt"`
	SSLCertificateID   *string            `json:"ssl_certificate_id" example:"ssl-cert-a1b2c3d4e5f6"`
	SSLExpiresAt       *string            `json:"ssl_expires_at" format:"date-time"`
	IsPurchased        bool               `json:"is_purchased"`
	PurchaseProvider   *string            `json:"purchase_provider"`
	PurchaseDate       *string            `json:"purchase_date" format:"date-time"`
	ExpiryDate         *string            `json:"expiry_date" format:"date-time"`
	AutoRenew          bool               `json:"auto_renew"`
	RegistrarOrderID   *string            `json:"registrar_order_id"`
	CreatedAt          string             `json:"created_at" format:"date-time"`
	UpdatedAt          string             `json:"updated_at" format:"date-time"`
}

// VerificationRecord is what to add where the name servers of a domain are.
type VerificationRecord struct {
	RecordType string `json:"record_type" enum:"TXT"`
	Name       string `json:"name" doc:"In full." example:"_vitrine-challenge.mystore.com"`
	Value      string `json:"value"`
}

func toDomain(d domain.Domain) CustomDomain {
	out := CustomDomain{
		ID: d.ID.String(), Domain: d.Name, Status: string(d.Status), StatusReason: d.Reason, VerificationToken: d.Token,
		VerificationRecord: VerificationRecord{RecordType: "TXT", Name: d.Challenge(), Value: d.Token},
		VerifiedAt:         utcOrNull(d.VerifiedAt), DNSProvider: d.Provider, DNSZoneID: d.Zone, AutoDNSConfigured: d.AutoConfigured,
		SSLProvisioned: d.Certified, SSLProvider: d.Issuer, SSLCertificateID: d.CertificateID, SSLExpiresAt: utcOrNull(d.CertifiedUntil),
		IsPurchased: d.Purchase.Bought, PurchaseProvider: d.Purchase.Registrar, PurchaseDate: utcOrNull(d.Purchase.At),
		ExpiryDate: utcOrNull(d.Purchase.Expires), AutoRenew: d.Purchase.AutoRenew, RegistrarOrderID: d.Purchase.OrderID,
		CreatedAt: utc(d.CreatedAt), UpdatedAt: utc(d.UpdatedAt),
	}
	if d.Store != nil {
		st := d.Store.String()
		out.StoreID = &st
	}
	return out
}

// Verification says whether a domain is proven to be the merchant's.
type Verification struct {
	Verified bool   `json:"verified"`
	Status   string `json:"status" enum:"pending,verified,active,error" doc:"Of the domain."`
	Detail   string `json:"detail" doc:"What was found, in words."`
}

func toVerification(v domain.Verification) *answer[Verification] {
	return ok(Verification{v.Verified, string(v.Status), v.Detail})
}

// Certificate is what is known of a domain's certificate.
type Certificate struct {
	SSLProvisioned   bool    `json:"ssl_provisioned"`
	SSLCertificateID *string `json:"ssl_certificate_id" example:"ssl-cert-a1b2c3d4e5f6" doc:"ssl-cert- and the first 12 hex digits of its SHA-256."`
	SSLExpiresAt     *string `json:"ssl_expires_at" format:"date-time"`
}

func toCertificate(d domain.Domain) *answer[Certificate] {
	return ok(Certificate{d.Certified, d.CertificateID, utcOrNull(d.CertifiedUntil)})
}

type attachDomainInput struct {
	StorePath
	Body struct {
		Domain string `json:"domain" doc:"A name that you have registered, in any script." example:"mystore.com"`
	}
}

const domainPath = storePath + "/domain"

func (a *API) domainRoutes() {
	const tag = "Domains"
	there := a.domainThere
	register(a, route{
		method: http.MethodPost, path: domainPath, id: "attach-domain", tag: tag, role: store.Admin, status: http.StatusCreated,
		summary: "Put a store on its own domain", detail: "A store has one. Prove that it is yours with the TXT record in `verification_record`, then verify it.",
	}, a.attachDomain)
	register(a, route{method: http.MethodGet, path: domainPath, id: "get-domain", tag: tag, summary: "Get a store's domain", guard: there}, a.getDomain)
	register(a, route{
		method: http.MethodDelete, path: domainPath, id: "detach-domain", tag: tag, role: store.Admin, status: http.StatusNoContent, guard: there,
		summary: "Take a store off its domain", detail: "The managed records leave the DNS provider. Whoever takes the name again, also the same store, proves it with a fresh token.",
	}, a.detachDomain)
	register(a, route{
		method: http.MethodPost, path: domainPath + "/verify", id: "verify-domain", tag: tag, role: store.Admin, guard: there,
		summary: "Verify that a domain is yours", detail: "Reads the TXT record over DNS. What could not be asked is not verified, and can be asked again.",
	}, a.verifyDomain)
	register(a, route{
		method: http.MethodPost, path: domainPath + "/ssl/provision", id: "provision-ssl", tag: tag, role: store.Admin, guard: there, errors: []int{http.StatusBadGateway},
		summary: "Get a certificate", detail: "For the domain and its `www`. While there is one that is good for 30 days more, it is that one.",
	}, a.provisionSSL)
}

// domainThere is the guard of all that needs the store to have a domain.
func (a *API) domainThere(ctx context.Context) error {
	_, err := domain.Get(ctx, a.DB, shop(ctx).ID)
	return err
}

func (a *API) attachDomain(ctx context.Context, in *attachDomainInput) (*answer[CustomDomain], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[CustomDomain], error) {
		d, err := a.Domains.Attach(ctx, tx, shop(ctx), in.Body.Domain)
		return made(d, err, toDomain)
	})
}

func (a *API) getDomain(ctx context.Context, _ *StorePath) (*answer[CustomDomain], error) {
	d, err := domain.Get(ctx, a.DB, shop(ctx).ID)
	return shown(d, err, toDomain)
}

func (a *API) detachDomain(ctx context.Context, _ *StorePath) (*nothing, error) {
	return &nothing{}, a.Domains.Detach(ctx, shop(ctx).ID)
}

func (a *API) verifyDomain(ctx context.Context, _ *StorePath) (*answer[Verification], error) {
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, domain.Verification) error) (domain.Verification, error) {
		return a.Domains.Verify(ctx, shop(ctx).ID, then)
	}, toVerification)
}

func (a *API) provisionSSL(ctx context.Context, _ *StorePath) (*answer[Certificate], error) {
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, domain.Domain) error) (domain.Domain, error) {
		return a.Domains.Certify(ctx, shop(ctx).ID, then)
	}, toCertificate)
}
