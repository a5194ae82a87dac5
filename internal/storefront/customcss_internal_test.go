package storefront

import (
	"strings"
	"testing"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

func TestConfine_leavesWhatIsWellFormedAndClosesTheRest(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, sheet, want string }{
		{"a rule", `.card { color: rgb(0 0 0 / 50%); }`, `.card { color: rgb(0 0 0 / 50%); }`},
		{"nested rules", `@media (width > 600px) { a { &:hover { content: "}"; } } }`, `@media (width > 600px) { a { &:hover { content: "}"; } } }`},
		{"a brace too many", `a{color:red}} html{display:none}`, `a{color:red}  html{display:none}`},
		{"a brace too few", `a{color:red`, `a{color:red}`},
		{"a parenthesis too few", `a{color:rgb(1,2} b{color:red}`, `a{color:rgb(1,2)} b{color:red}`},
		{"a parenthesis too many", `a{color:red)}`, `a{color:red }`},
		{"brackets crossed", `a([b)]c`, `a([b ]c)`},
		{"a comment that comes of leaving out", `/)*`, `/ *`},
		{"an open comment", `a{color:red} /* } `, `a{color:red}  `},
		{"an open string", `a{content:"}`, `a{content: }`},
		{"an open address", `a{background:url(x`, `a{background: }`},
		{"an open string in an address", `a{background:url(")`, `a{background: }`},
		{"addresses", `a{background:url( "x.png" ) url(y.png)}`, `a{background:url( "x.png" ) url(y.png)}`},
		{"an escape at the end", `a{color:red}\`, `a{color:red} `},
		{"a comment of HTML", `<!-- a{color:red} -->`, `  a{color:red}  `},
	} {
		if got := confine(x.sheet); got != x.want {
			t.Errorf("%s: %q", x.name, got)
		}
	}
}

// FuzzConfine holds that a block around a merchant's sheet ends where it should.
func FuzzConfine(f *testing.F) {
	for _, s := range []string{
		`a{b:c}`, `}`, `{`, `a{(}`, `"`, `'\`, `url(`, `url(a"b)`, `/*`, `</style><script>`, `@import url(//evil.example);`, `\75rl(" ) } b{`, `a{--x:{}`, "\"\n}",
		"\\\xc1", `--x: } ;`, `u+?{}`, `\`, "a{b:\"c\\\n\"}", `url( "a" b`, `/)*0`, `<)!--`, `url(")`, `url("a" ")`, `url('a)\')`, `"a"]"`,
	} {
		f.Add(s)
	}
	const sentinel = "sentinel"
	f.Fuzz(func(t *testing.T, s string) {
		lexer, depth, seen := css.NewLexer(parse.NewInputString("{"+confine(s)+"}"+sentinel)), 0, ""
		for {
			kind, text := lexer.Next()
			switch kind {
			case css.ErrorToken:
				if depth != 0 || seen != sentinel {
					t.Errorf("%q ends %d deep, before %q", s, depth, seen)
				}
				return
			case css.LeftBraceToken, css.LeftBracketToken, css.LeftParenthesisToken, css.FunctionToken:
				depth++
			case css.RightBraceToken, css.RightBracketToken, css.RightParenthesisToken:
				depth--
			}
			if depth == 0 {
				seen = strings.TrimPrefix(string(text), "}")
			}
		}
	})
}
