package api

import "github.com/danielgtaylor/huma/v2"

// Cursor and ReadCursor are how a list is cut into pages.
var (
	Cursor     = cursor
	ReadCursor = readCursor
)

// OperationsOf returns the operations of a path.
var OperationsOf = operationsOf

// Operations returns every operation that is registered.
func (a *API) Operations() map[string]*huma.PathItem { return a.huma.OpenAPI().Paths }

// Document is the API's description.
func (a *API) Document() *huma.OpenAPI { return a.huma.OpenAPI() }
