package config

// Nameserver are the settings of the built-in name server, which runs in the mode
// builtin. Its names are those of platform_nameservers.
type Nameserver struct {
	NameserverListen    string
	NameserverRateLimit int
}

func (n *Nameserver) table() []setting {
	return []setting{
		{name: "nameserver_listen", fallback: ":53", help: "where the built-in name server listens, over UDP and TCP; several addresses with commas between", set: text(&n.NameserverListen)},
		{name: "nameserver_rate_limit", fallback: "100", help: "answers alike that one network gets over UDP in a second; 0: no limit", set: number(&n.NameserverRateLimit)},
	}
}
