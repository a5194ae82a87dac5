package api

import (
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// useOurWords makes huma say what is wrong with a field the way the domain
// packages do: a text that goes on after the field's name.
func useOurWords() {
	validation.MsgUnexpectedProperty = "is not known here"
	validation.MsgExpectedRequiredProperty = required + "%s"
	validation.MsgExpectedString = "must be text"
	validation.MsgExpectedNumber = "must be a number"
	validation.MsgExpectedInteger = "must be a whole number"
	validation.MsgExpectedBoolean = "must be true or false"
	validation.MsgExpectedArray = "must be a list"
	validation.MsgExpectedObject = "must be an object"
	validation.MsgExpectedMatchExactlyOneSchema = "must be a decimal number such as \"12.99\""
	validation.MsgExpectedOneOf = "must be one of %s"
	validation.MsgExpectedMinimumNumber = "must be at least %v"
	validation.MsgExpectedMaximumNumber = "must be at most %v"
	validation.MsgExpectedMinLength = "must have at least %d characters"
	validation.MsgExpectedMaxLength = "must have at most %d characters"
	validation.MsgExpectedBePattern = "must be %s"
	validation.MsgExpectedMinItems = "must have at least %d items"
	validation.MsgExpectedMaxItems = "must have at most %d items"
	validation.MsgExpectedRFC3339DateTime = "must be a time such as 2026-01-15T12:00:00Z"
	validation.MsgExpectedRFC4122UUID = "must be a UUID%.0s" // without the parser's reason
}

// required marks huma's message about a member that is missing, which is located at
// the object that lacks it.
const required = "is required: "

var (
	// goField finds the member in what encoding/json says of a value that does not fit.
	goField = regexp.MustCompile(`^json: cannot unmarshal .* into Go (?:struct field \S*?(\w+) )?.*$`)

	// notJSON finds what encoding/json says of text that is not JSON.
	notJSON = regexp.MustCompile(`^(invalid character|unexpected end of JSON|.*exceeded max depth)`)

	// afterName finds messages that go on after the field's name.
	afterName = regexp.MustCompile(`^(must|is|has|was|could|needs)\b`)
)

// inOurWords says where and what is wrong in our words where huma and encoding/json
// have their own.
func inOurWords(location, message string) (string, string) {
	if name, missing := strings.CutPrefix(message, required); missing {
		return location + "." + name, "is required"
	}
	if notJSON.MatchString(message) {
		return location, "is not valid JSON: " + message
	}
	switch message {
	case "unknown query parameter":
		return location, "is not known here"
	case "required query parameter is missing":
		return location, "is required"
	case "invalid integer":
		return location, "must be a whole number"
	case "invalid boolean":
		return location, "must be true or false"
	}
	found := goField.FindStringSubmatch(message)
	if found == nil {
		return location, message
	}
	if found[1] != "" {
		location += "." + found[1]
	}
	return location, "has a value that does not fit"
}

// aboutField is one sentence about what is wrong with a field.
func aboutField(location, message string) string {
	for _, part := range []string{"body.", "query.", "header.", "path."} {
		location = strings.TrimPrefix(location, part)
	}
	if afterName.MatchString(message) {
		return sentence("The " + location + " " + message)
	}
	return sentence(location + ": " + message)
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
