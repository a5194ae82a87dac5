package config

// Nameserver are the settings of the built-in name server, which runs in the mode
// builtin. Its names are those of platform_nameservers.
type Nameserver struct {
	NameserverListen      string
	NameserverRateLimit   int
	NameserverSecondaries string
	NameserverDNSSEC      bool
	NameserverTSIGKey     string
}

func (n *Nameserver) table() []setting {
	return []setting{
		{name: "nameserver_listen", fallback: ":53", help: "where the built-in name server listens, over UDP and TCP; several addresses with commas between", set: text(&n.NameserverListen)},
		{name: "nameserver_rate_limit", fallback: "100", help: "answers alike that one network gets over UDP in a second; 0: no limit", set: number(&n.NameserverRateLimit)},
		{name: "nameserver_secondaries", fallback: "", help: "addresses of other name servers that are told when a zone changes, with commas between", set: text(&n.NameserverSecondaries)},
		{name: "nameserver_dnssec", fallback: "false", help: "sign zones while they are answered for", set: truth(&n.NameserverDNSSEC)},
		{name: "nameserver_tsig_key", fallback: "", help: "whoever has it may fetch zones: algorithm:name:secret, such as hmac-sha256:transfer:…, the secret in base64", secret: true, set: text(&n.NameserverTSIGKey)},
	}
}
