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
		{name: "https_listen_addr", fallback: "", help: "where to listen for TLS, such as `:443`; without it TLS ends at a proxy", set: text(&s.HTTPSListenAddr)},
		{name: "https_port", fallback: "443", help: "the port under which the world reaches `https_listen_addr`: redirects lead there", set: text(&s.HTTPSPort)},
		{name: "proxy_protocol", fallback: "false", help: "whether what comes from `trusted_proxies` may begin with a PROXY header that tells whose connection it is", set: truth(&s.ProxyProtocol)},
		{name: "tls_certificate_file", fallback: "", help: "a certificate of your own in PEM, with its chain, for `platform_domain` and what it covers below; read at the start", set: text(&s.TLSCertificateFile)},
		{name: "tls_key_file", fallback: "", help: "its key", set: text(&s.TLSKeyFile)},
		{name: "acme_directory", fallback: "https://acme-v02.api.letsencrypt.org/directory", help: "the authority that issues certificates in the mode `acme`", set: text(&s.ACMEDirectory)},
		{name: "acme_email", fallback: "", help: "where the authority writes to when something is wrong", set: text(&s.ACMEEmail)},
		{name: "acme_eab_key_id", fallback: "", help: "the account at the authority that ours is to belong to (external account binding), where it wants one", set: text(&s.ACMEKeyID)},
		{name: "acme_eab_hmac_key", fallback: "", help: "its key, in base64url", secret: true, set: text(&s.ACMEHMACKey)},
		{name: "acme_fallback_directory", fallback: "", help: "a second authority, which is asked when the first is away, has given as much as it gives, or must not or does not want to", set: text(&s.ACMEFallback)},
		{name: "acme_fallback_eab_key_id", fallback: "", help: "as `acme_eab_key_id`, of the second", set: text(&s.ACMEFallbackKeyID)},
		{name: "acme_fallback_eab_hmac_key", fallback: "", help: "as `acme_eab_hmac_key`, of the second", secret: true, set: text(&s.ACMEFallbackHMACKey)},
		{name: "acme_root_file", fallback: "", help: "the roots, in PEM, of the authorities' own addresses: for an authority of your own. Default: those of the system", set: text(&s.ACMERootFile)},
		{name: "acme_challenges", fallback: "http-01,tls-alpn-01,dns-01", help: "how names are proven, in the order of preference; `dns-01` is for zones at a DNS provider other than `mock` and `builtin`, and the only one for all names below one", set: text(&s.ACMEChallenges)},
		{name: "acme_preflight", fallback: "true", help: "whether a name must be seen to lead here, with a token of our own, before anything is ordered; `false` where the platform does not reach its own address", set: truth(&s.ACMEPreflight)},
		{name: "acme_orders_per_3_hours", fallback: "250", help: "certificates that are ordered from one authority, renewals left out; 0: no limit", set: number(&s.ACMEOrdersPer3Hours)},
		{name: "acme_orders_per_domain_and_week", fallback: "45", help: "the same for the names below one registered domain; 0: no limit", set: number(&s.ACMEPerDomainAndWeek)},
	}
}
