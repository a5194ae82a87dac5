package vitrine_test

// The pages come first: what else is generated is made by packages that build.
//
//go:generate go tool -modfile=tools/go.mod templ generate -log-level warn
