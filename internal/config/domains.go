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
		{name: "dns_provider_mode", fallback: "mock", help: "where the records of domains are: mock, builtin, cloudflare, route53, google, powerdns or rfc2136", set: text(&d.DNSProviderMode)},
		{name: "dns_resolvers", fallback: "1.1.1.1,8.8.8.8,9.9.9.9", help: "addresses of the resolvers that are asked what the world sees; not in the mode mock", set: text(&d.DNSResolvers)},
		{name: "cloudflare_api_token", fallback: "", help: "may read zones, and read and edit their DNS records", secret: true, set: text(&d.CloudflareAPIToken)},
		{name: "cloudflare_endpoint", fallback: "https://api.cloudflare.com/client/v4", help: "the API of Cloudflare", set: text(&d.CloudflareEndpoint)},
		{name: "route53_access_key_id", fallback: "", help: "of an account of AWS that has the zones", set: text(&d.Route53AccessKeyID)},
		{name: "route53_secret_access_key", fallback: "", help: "its secret", secret: true, set: text(&d.Route53SecretAccessKey)},
		{name: "route53_region", fallback: "us-east-1", help: "that requests to Route 53 are signed for", set: text(&d.Route53Region)},
		{name: "route53_endpoint", fallback: "", help: "the API of Route 53; empty: Amazon's own", set: text(&d.Route53Endpoint)},
		{name: "google_dns_project_id", fallback: "", help: "the project of Google Cloud that has the zones", set: text(&d.GoogleDNSProjectID)},
		{name: "google_dns_credentials_json", fallback: "", help: "the JSON key of a service account that may administer DNS there", secret: true, set: text(&d.GoogleDNSCredentials)},
		{name: "google_dns_endpoint", fallback: "", help: "the API of Google Cloud DNS; empty: Google's own", set: text(&d.GoogleDNSEndpoint)},
		{name: "powerdns_endpoint", fallback: "http://127.0.0.1:8081", help: "the HTTP API of PowerDNS", set: text(&d.PowerDNSEndpoint)},
		{name: "powerdns_api_key", fallback: "", help: "its api-key", secret: true, set: text(&d.PowerDNSAPIKey)},
		{name: "rfc2136_server", fallback: "", help: "the name server that takes updates, as host or host:port", set: text(&d.RFC2136Server)},
		{name: "rfc2136_tsig_key", fallback: "", help: "the name of the key that updates and transfers are signed with", set: text(&d.RFC2136TSIGKey)},
		{name: "rfc2136_tsig_secret", fallback: "", help: "its secret, in base64", secret: true, set: text(&d.RFC2136TSIGSecret)},
		{name: "rfc2136_tsig_algorithm", fallback: "hmac-sha256", help: "its algorithm", set: text(&d.RFC2136TSIGAlgorithm)},
		{name: "mock_dns_propagation", fallback: "0s", help: "how long it takes until records of the mock provider are seen; a plain number is seconds", set: duration(&d.MockDNSPropagation, time.Second)},
		{name: "platform_ip_address", fallback: "192.0.2.1", help: "where the A records of domains point", set: text(&d.PlatformIPAddress)},
		{name: "platform_cname_target", fallback: "proxy.platform.app", help: "where the CNAME records of domains point", set: text(&d.PlatformCNAMETarget)},
		{name: "ssl_provider_mode", fallback: "mock", help: "who issues certificates: mock or acme", set: text(&d.SSLProviderMode)},
		{name: "domain_provider_mode", fallback: "mock", help: "where names are bought: mock, resellerclub or squarespace", set: text(&d.DomainProviderMode)},
		{name: "platform_nameservers", fallback: "ns1.platform.app,ns2.platform.app", help: "the name servers that bought names get", set: text(&d.PlatformNameservers)},
	}
}
