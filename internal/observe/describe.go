package observe

import "strings"

// statementKinds are what a statement can be.
var statementKinds = []string{"select", "insert", "update", "delete", "other", "begin", "commit"}

// describe tells what a statement does and to which table: the first that its own FROM,
// INTO or UPDATE names, outside of parentheses.
func describe(query string) (kind, table string) {
	kind, table = "other", "none"
	words := words{rest: query}
	for word := words.next(); word != ""; word = words.next() {
		switch verb := strings.ToLower(word); verb {
		case "select", "insert", "delete":
			if kind == "other" {
				kind = verb
			}
		case "update":
			if kind == "other" {
				return verb, named(words.next())
			}
		case "from", "into":
			if kind != "other" {
				return kind, named(words.next())
			}
		}
	}
	return kind, table
}

// named is a table's name in lower case, or "other" where something else stands.
func named(word string) string {
	_, table, qualified := strings.Cut(word, ".")
	if !qualified {
		table = word
	}
	table = strings.ToLower(table)
	if table == "" || len(table) > 40 || strings.Trim(table, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "other"
	}
	return table
}

// words are those of a statement that stand in no parentheses and no quotes.
type words struct {
	rest  string
	depth int
}

// next returns the next word, "(" for what stands in parentheses where a name is
// expected, and "" at the end.
func (w *words) next() string {
	for i := 0; i < len(w.rest); {
		switch c := w.rest[i]; {
		case c == '(':
			w.depth++
			i++
			if w.depth == 1 {
				w.rest = w.rest[i:]
				return "("
			}
		case c == ')':
			w.depth--
			i++
		case c == '\'':
			end := strings.IndexByte(w.rest[i+1:], '\'')
			if end < 0 {
				return ""
			}
			i += end + 2
		case w.depth == 0 && letter(c):
			end := i
			for end < len(w.rest) && letter(w.rest[end]) {
				end++
			}
			word := w.rest[i:end]
			w.rest = w.rest[end:]
			return word
		default:
			i++
		}
	}
	w.rest = ""
	return ""
}

func letter(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '"'
}
