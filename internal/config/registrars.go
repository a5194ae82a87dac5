package config

// Registrars are the settings of those who sell names.
type Registrars struct {
	RegistrarCurrency      string
	ResellerClubAPIKey     string
	ResellerClubResellerID string
	ResellerClubEndpoint   string
	SquarespaceAPIKey      string
	SquarespaceProject     string
	SquarespaceEndpoint    string
}

func (r *Registrars) table() []setting {
	return []setting{
		{name: "registrar_currency", fallback: "USD", help: "the currency that the account at the registrar is in: names are priced in it", set: text(&r.RegistrarCurrency)},
		{name: "resellerclub_api_key", fallback: "", help: "the key of a reseller at ResellerClub. The server's own address must be on the account's list of allowed ones", secret: true, set: text(&r.ResellerClubAPIKey)},
		{name: "resellerclub_reseller_id", fallback: "", help: "the reseller's number", set: text(&r.ResellerClubResellerID)},
		{name: "resellerclub_endpoint", fallback: "https://httpapi.com/api/", help: "the API of ResellerClub; `https://test.httpapi.com/api/` with a demo account is for trying it out", set: text(&r.ResellerClubEndpoint)},
		{name: "squarespace_api_key", fallback: "", help: "a service account of Google's that may use Cloud Domains: its key as JSON, or the path of that file. Names are sold for one year there, and are renewed once they have ended", secret: true, set: text(&r.SquarespaceAPIKey)},
		{name: "squarespace_project", fallback: "", help: "the project at Google; empty: that of the service account", set: text(&r.SquarespaceProject)},
		{name: "squarespace_endpoint", fallback: "https://domains.googleapis.com/", help: "the API of Google Cloud Domains", set: text(&r.SquarespaceEndpoint)},
	}
}
