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
		{name: "nameserver_rate_limit", fallback: "100", help: "answers alike (one name, or one zone's \"there is nothing\") that one network (/24, /56) gets over UDP in a second; of those above, every second one asks the client to come over TCP, the others are held back. Clients with a valid DNS cookie are not limited. 0: no limit", set: number(&n.NameserverRateLimit)},
		{name: "nameserver_secondaries", fallback: "", help: "addresses of other name servers (port 53 unless one is given) that are told with NOTIFY when a zone changes", set: text(&n.NameserverSecondaries)},
		{name: "nameserver_dnssec", fallback: "false", help: "sign zones while they are answered for (ECDSA P-256, compact denial of RFC 9824); a zone counts as signed once its DS record is at the registrar: `vitrine dns explain NAME` tells it. Not together with `nameserver_tsig_key`", set: truth(&n.NameserverDNSSEC)},
		{name: "nameserver_tsig_key", fallback: "", help: "`algorithm:name:secret`, as `kdig -y` takes it: whoever has this key may fetch zones (AXFR)", secret: true, set: text(&n.NameserverTSIGKey)},
	}
}
