package storefront

// SitemapSize sets how many products one file of a sitemap has.
func (s *Storefront) SitemapSize(n int) { s.sitemapSize = n }
