package dashboard

// Patterns are what pages are registered for.
func (d *Dashboard) Patterns() []string { return d.patterns }
