package purchase

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// together are scripts that are written in one word.
var together = [][]string{{"Han", "Hiragana", "Katakana"}, {"Han", "Hangul"}, {"Bopomofo", "Han"}}

// likeLatin are letters of other scripts that look as Latin ones do.
const likeLatin = "асеорхуіјѕԁԛԝһӏαοινκρτυχ"

// Warning says what is strange about a name in ASCII that takes other letters: that
// its letters are of several scripts, or look as others do. Such names are made to
// deceive more often than not. Empty: nothing.
func Warning(name string) string {
	label, _, _ := strings.Cut(name, ".")
	shown, err := idna.Punycode.ToUnicode(label)
	if err != nil || shown == label {
		return ""
	}
	var scripts []string
	alike := true
	for _, r := range shown {
		if s := script(r); s != "" && !slices.Contains(scripts, s) {
			scripts = append(scripts, s)
		}
		alike = alike && (!unicode.IsLetter(r) || strings.ContainsRune(likeLatin, r))
	}
	slices.Sort(scripts)
	switch {
	case len(scripts) > 1 && !slices.ContainsFunc(together, func(t []string) bool { return subset(scripts, t) }):
		return "The letters of " + shown + " are of several scripts (" + strings.Join(scripts, ", ") + "): browsers show such a name as " + label + ", and shoppers may take it for another one."
	case alike:
		return "All letters of " + shown + " look like Latin ones: shoppers may take it for another name."
	}
	return ""
}

func subset(some, of []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(of, s) })
}

// script is the one that a letter is of; digits and the like are of none.
func script(r rune) string {
	if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
		return ""
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return ""
}
