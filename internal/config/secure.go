package config

// Secure are the settings of TLS, and of who issues the certificates for it.
type Secure struct {
	HTTPSListenAddr      string
	HTTPSPort            string
	ProxyProtocol        bool
	TLSCertificateFile   string
	TLSKeyFile           string
	ACMEDirectory        string
	ACMEEmail            string
	ACMEKeyID            string
	ACMEHMACKey          string
	ACMEFallback         string
	ACMEFallbackKeyID    string
	ACMEFallbackHMACKey  string
	ACMERootFile         string
	ACMEChallenges       string
	ACMEPreflight        bool
	ACMEOrdersPer3Hours  int
	ACMEPerDomainAndWeek int
}

func (s *Secure) table() []setting {
	return []setting{
		{name: "https_listen_addr", fallback: "", help: "where to listen for TLS, such as :443; empty: TLS ends before Vitrine", set: text(&s.HTTPSListenAddr)},
		{name: "https_port", fallback: "443", help: "the port under which the world reaches https_listen_addr", set: text(&s.HTTPSPort)},
		{name: "proxy_protocol", fallback: "false", help: "whether trusted_proxies tell with the PROXY protocol whose connection it is", set: truth(&s.ProxyProtocol)},
		{name: "tls_certificate_file", fallback: "", help: "a certificate of the operator's own for the platform's names, in PEM", set: text(&s.TLSCertificateFile)},
		{name: "tls_key_file", fallback: "", help: "its key", set: text(&s.TLSKeyFile)},
		{name: "acme_directory", fallback: "https://acme-v02.api.letsencrypt.org/directory", help: "the authority that issues certificates in the mode acme", set: text(&s.ACMEDirectory)},
		{name: "acme_email", fallback: "", help: "where the authority writes to", set: text(&s.ACMEEmail)},
		{name: "acme_eab_key_id", fallback: "", help: "the account that the authority wants ours to belong to (external account binding)", set: text(&s.ACMEKeyID)},
		{name: "acme_eab_hmac_key", fallback: "", help: "its key, in base64url", secret: true, set: text(&s.ACMEHMACKey)},
		{name: "acme_fallback_directory", fallback: "", help: "a second authority, for what the first does not give", set: text(&s.ACMEFallback)},
		{name: "acme_fallback_eab_key_id", fallback: "", help: "the account that the second authority wants ours to belong to", set: text(&s.ACMEFallbackKeyID)},
		{name: "acme_fallback_eab_hmac_key", fallback: "", help: "its key, in base64url", secret: true, set: text(&s.ACMEFallbackHMACKey)},
		{name: "acme_root_file", fallback: "", help: "roots that the authorities' own certificates are below, in PEM; empty: those of the system", set: text(&s.ACMERootFile)},
		{name: "acme_challenges", fallback: "http-01,tls-alpn-01,dns-01", help: "how names are proven, in this order", set: text(&s.ACMEChallenges)},
		{name: "acme_preflight", fallback: "true", help: "whether a name must be seen to lead here before anything is ordered; false: where the platform does not reach itself", set: truth(&s.ACMEPreflight)},
		{name: "acme_orders_per_3_hours", fallback: "250", help: "certificates that are ordered from one authority, without renewals; 0: no limit", set: number(&s.ACMEOrdersPer3Hours)},
		{name: "acme_orders_per_domain_and_week", fallback: "45", help: "the same for the names below one registered domain; 0: no limit", set: number(&s.ACMEPerDomainAndWeek)},
	}
}
