package catalog

// LookingAt lets a search look through the newest n products before it asks the
// index.
func (f Filter) LookingAt(n int) Filter {
	f.recent = n
	return f
}
