package config

import "time"

// Domains are the settings of stores' own domains: where their DNS records are, who
// issues their certificates, and where names are bought.
type Domains struct {
	DNSProviderMode        string
	DNSResolvers           string
	CloudflareAPIToken     string
	CloudflareEndpoint     string
	Route53AccessKeyID     string
	Route53SecretAccessKey string
	Route53Region          string
	Route53Endpoint        string
	GoogleDNSProjectID     string
	GoogleDNSCredentials   string
	GoogleDNSEndpoint      string
	PowerDNSEndpoint       string
	PowerDNSAPIKey         string
	RFC2136Server          string
	RFC2136TSIGKey         string
	RFC2136TSIGSecret      string
	RFC2136TSIGAlgorithm   string
	MockDNSPropagation     time.Duration
	PlatformIPAddress      string
	PlatformCNAMETarget    string
	SSLProviderMode        string
	DomainProviderMode     string
	PlatformNameservers    string
}

func (d *Domains) table() []setting {
	return []setting{
		{name: "dns_provider_mode", fallback: "mock", help: "where the records of stores' domains are kept; `mock` keeps them in the database and nobody sees them, the others are real: `builtin` answers for the zones itself, see [the built-in name server](../operating.md#the-built-in-name-server); these must have the zones: `cloudflare`, `route53` (Amazon), `google` (Google Cloud DNS), `powerdns` (a PowerDNS Authoritative Server 4.7 or newer) and `rfc2136` (any name server that takes signed updates, such as Knot or BIND). A mode that nobody knows is taken for `mock`, with a warning", set: text(&d.DNSProviderMode)},
		{name: "dns_resolvers", fallback: "1.1.1.1,8.8.8.8,9.9.9.9", help: "the resolvers that are asked for proofs and for what the world sees, but in the mode `mock`", set: text(&d.DNSResolvers)},
		{name: "cloudflare_api_token", fallback: "", help: "a token that may read zones, and read and edit their DNS records", secret: true, set: text(&d.CloudflareAPIToken)},
		{name: "cloudflare_endpoint", fallback: "https://api.cloudflare.com/client/v4", help: "the API of Cloudflare", set: text(&d.CloudflareEndpoint)},
		{name: "route53_access_key_id", fallback: "", help: "the key of an account of AWS that may list hosted zones, and list and change their record sets", set: text(&d.Route53AccessKeyID)},
		{name: "route53_secret_access_key", fallback: "", help: "its secret", secret: true, set: text(&d.Route53SecretAccessKey)},
		{name: "route53_region", fallback: "us-east-1", help: "the region that requests are signed for", set: text(&d.Route53Region)},
		{name: "route53_endpoint", fallback: "", help: "the API of Route 53. Default: Amazon's own", set: text(&d.Route53Endpoint)},
		{name: "google_dns_project_id", fallback: "", help: "the project of Google Cloud that has the zones", set: text(&d.GoogleDNSProjectID)},
		{name: "google_dns_credentials_json", fallback: "", help: "the JSON key of a service account with the role DNS Administrator in that project", secret: true, set: text(&d.GoogleDNSCredentials)},
		{name: "google_dns_endpoint", fallback: "", help: "the API of Google Cloud DNS. Default: Google's own", set: text(&d.GoogleDNSEndpoint)},
		{name: "powerdns_endpoint", fallback: "http://127.0.0.1:8081", help: "the HTTP API of PowerDNS (`api=yes`, `api-key=…`)", set: text(&d.PowerDNSEndpoint)},
		{name: "powerdns_api_key", fallback: "", help: "the `api-key` of that PowerDNS", secret: true, set: text(&d.PowerDNSAPIKey)},
		{name: "rfc2136_server", fallback: "", help: "the name server that takes updates (RFC 2136) over TCP, as `host` or `host:port`", set: text(&d.RFC2136Server)},
		{name: "rfc2136_tsig_key", fallback: "", help: "the name of the TSIG key that may update and transfer its zones (in Knot: `action: [transfer, update]`)", set: text(&d.RFC2136TSIGKey)},
		{name: "rfc2136_tsig_secret", fallback: "", help: "the secret of that key, in base64", secret: true, set: text(&d.RFC2136TSIGSecret)},
		{name: "rfc2136_tsig_algorithm", fallback: "hmac-sha256", help: "its algorithm: `hmac-sha1`, `-sha224`, `-sha256`, `-sha384` or `-sha512`", set: text(&d.RFC2136TSIGAlgorithm)},
		{name: "mock_dns_propagation", fallback: "0s", help: "how long it takes until records of `mock` count as seen", set: duration(&d.MockDNSPropagation, time.Second)},
		{name: "platform_ip_address", fallback: "192.0.2.1", help: "where the A record of a domain points: an IPv4 address of this platform", set: text(&d.PlatformIPAddress)},
		{name: "platform_cname_target", fallback: "proxy.platform.app", help: "where the CNAME record of `www` points: a name of this platform", set: text(&d.PlatformCNAMETarget)},
		{name: "ssl_provider_mode", fallback: "mock", help: "who issues certificates: those of `mock` are only told of, those of `acme` are real, see [TLS](../operating.md#tls)", set: text(&d.SSLProviderMode)},
		{name: "domain_provider_mode", fallback: "mock", help: "where names are bought: `resellerclub`, `squarespace`, or `mock`, whose names are only told of", set: text(&d.DomainProviderMode)},
		{name: "platform_nameservers", fallback: "ns1.platform.app,ns2.platform.app", help: "the name servers that a bought name gets: those that the DNS provider answers with", set: text(&d.PlatformNameservers)},
	}
}
