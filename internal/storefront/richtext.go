package storefront

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Merchants write descriptions in HTML, or bring it along from elsewhere. What it
// may do to a page is decided here: it may say something, not run, look or load.

// kept are the elements that stay. Of all others, what is inside of them stays.
var kept = []atom.Atom{
	atom.P, atom.Br, atom.Ul, atom.Ol, atom.Li, atom.Strong, atom.B, atom.Em, atom.I, atom.U, atom.S, atom.Sub, atom.Sup, atom.Small,
	atom.Blockquote, atom.Pre, atom.Code, atom.Hr, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Th, atom.Td, atom.Caption, atom.A,
}

// lowered are headings: a page has its own above a description.
var lowered = []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}

// dropped are elements that say nothing to a reader, with all that is inside of them.
var dropped = []atom.Atom{
	atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Math, atom.Head, atom.Title,
	atom.Select, atom.Textarea, atom.Button, atom.Audio, atom.Video, atom.Canvas,
}

// rich shows a text of a merchant. Plain text has its paragraphs at empty lines.
func rich(s string) templ.Component { return templ.Raw(richHTML(s)) }

func richHTML(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return paragraphs(s)
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(s), body)
	if err != nil { // a text that is nested too deeply
		return paragraphs(s)
	}
	clean := &html.Node{Type: html.DocumentNode}
	for _, n := range nodes {
		sift(clean, n)
	}
	var b strings.Builder
	if html.Render(&b, clean) != nil {
		return paragraphs(s)
	}
	return b.String()
}

func paragraphs(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(s, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(part), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}

// sift puts what may stay of a node below to.
func sift(to, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		to.AppendChild(&html.Node{Type: html.TextNode, Data: n.Data})
		return
	case n.Type != html.ElementNode || slices.Contains(dropped, n.DataAtom) || n.Namespace != "":
		return
	}
	inside := to
	if name, stays := shownAs(n); stays {
		inside = &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name)), Attr: attributes(n)}
		to.AppendChild(inside)
	}
	for child := range n.ChildNodes() {
		sift(inside, child)
	}
}

// shownAs is the name under which an element stays.
func shownAs(n *html.Node) (string, bool) {
	if slices.Contains(lowered, n.DataAtom) {
		return "h3", true
	}
	return n.Data, slices.Contains(kept, n.DataAtom)
}

// attributes are those that stay: where a link leads, and how a table is joined.
func attributes(n *html.Node) []html.Attribute {
	var stay []html.Attribute
	for _, a := range n.Attr {
		switch {
		case n.DataAtom == atom.A && a.Key == "href" && leadsSomewhere(a.Val):
			stay = append(stay, html.Attribute{Key: "href", Val: strings.TrimSpace(a.Val)}, html.Attribute{Key: "rel", Val: "nofollow noopener"})
		case (n.DataAtom == atom.Td || n.DataAtom == atom.Th) && (a.Key == "colspan" || a.Key == "rowspan"):
			stay = append(stay, html.Attribute{Key: a.Key, Val: a.Val})
		}
	}
	return stay
}

// leadsSomewhere tells whether an address is one of a page or a mailbox.
func leadsSomewhere(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "mailto" || u.Scheme == "tel")
}
