package storefront

import (
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// ownRules are a merchant's rules in the layer that is theirs. Each sheet stands in a
// block of its own, so that what is broken in one harms none of the others.
func ownRules(sheets ...*string) string {
	var b strings.Builder
	for _, sheet := range sheets {
		if sheet != nil {
			b.WriteString("@layer custom{" + confine(*sheet) + "}\n")
		}
	}
	return b.String()
}

// closing is what closes a bracket.
var closing = map[css.TokenType]css.TokenType{
	css.LeftBraceToken: css.RightBraceToken, css.LeftBracketToken: css.RightBracketToken,
	css.LeftParenthesisToken: css.RightParenthesisToken, css.FunctionToken: css.RightParenthesisToken,
}

var bracketOf = map[css.TokenType]string{css.RightBraceToken: "}", css.RightBracketToken: "]", css.RightParenthesisToken: ")"}

// confine returns a sheet of which no bracket, string or comment reaches beyond its
// end: those that nothing opened are left out, those that nothing closes are closed.
// What is well formed stays as it is, without its comments.
func confine(sheet string) string {
	var b strings.Builder
	var open []css.TokenType // what closes those that are open
	lexer := css.NewLexer(parse.NewInputString(strings.ToValidUTF8(sheet, "\uFFFD")))
	for {
		kind, text := lexer.Next()
		if kind == css.ErrorToken {
			break
		}
		if closer, opens := closing[kind]; opens {
			open = append(open, closer)
		}
		if _, closes := bracketOf[kind]; closes {
			at := lastOf(open, kind)
			if at < 0 || kind != css.RightBraceToken && at != len(open)-1 {
				b.WriteByte(' ') // or what stands beside it would become one: / and * a comment
				continue
			}
			shut(&b, open[at+1:])
			open = open[:at]
		}
		b.WriteString(whole(kind, string(text)))
	}
	shut(&b, open)
	return b.String()
}

// shut writes what closes the brackets that are open, the innermost first.
func shut(b *strings.Builder, open []css.TokenType) {
	for _, closer := range slices.Backward(open) {
		b.WriteString(bracketOf[closer])
	}
}

func lastOf(open []css.TokenType, kind css.TokenType) int {
	for i, closer := range slices.Backward(open) {
		if closer == kind {
			return i
		}
	}
	return -1
}

// whole returns a token that ends where it should, or a space for one that could reach
// into what follows.
func whole(kind css.TokenType, text string) string {
	switch kind {
	case css.CommentToken, css.BadStringToken, css.BadURLToken, css.CDOToken, css.CDCToken:
		return " "
	case css.StringToken:
		if len(text) < 2 || text[len(text)-1] != text[0] || escaped(text[:len(text)-1]) {
			return " "
		}
	case css.URLToken:
		if !wholeURL(text) {
			return " "
		}
	case css.DelimToken:
		if text == `\` {
			return " "
		}
	}
	return text
}

// wholeURL tells whether the token of an address ends with its parenthesis, and not
// within a string that a quotation mark begins.
func wholeURL(text string) bool {
	inner, closed := strings.CutSuffix(text, ")")
	if !closed || escaped(inner) {
		return false
	}
	_, inner, _ = strings.Cut(inner, "(")
	inner = strings.Trim(inner, " \t\r\n\f")
	if inner == "" || inner[0] != '"' && inner[0] != '\'' {
		return !strings.ContainsAny(inner, "\"'(")
	}
	last := len(inner) - 1
	return last > 0 && inner[last] == inner[0] && !escaped(inner[:last]) && !strings.ContainsAny(inner[1:last], inner[:1]+"\n\r\f")
}

// escaped tells whether what follows text is escaped by it.
func escaped(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}
