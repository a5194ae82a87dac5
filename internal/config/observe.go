package config

// Observe are the settings of what the process tells about itself.
type Observe struct {
	AdminAddr string
}

func (o *Observe) table() []setting {
	return []setting{
		{name: "admin_addr", fallback: "", help: "where operators read figures, health and profiles, such as `127.0.0.1:9180`; see [observing.md](../observing.md). Who reaches it needs no token", set: text(&o.AdminAddr)},
	}
}
