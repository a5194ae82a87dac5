package theme

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"unicode"

	"vitrine/internal/fault"
	"vitrine/internal/text"
)

const (
	maxSettings = 64 << 10 // bytes of JSON
	maxDepth    = 10       // objects and arrays in each other
)

// checkSettings returns the settings with \n as the only line end, and {} for
// none. What is wrong with them goes to f.
func checkSettings(f *fault.Form, s map[string]any) map[string]any {
	cleaned, err := clean(s, 1)
	if err != nil {
		f.Addf("settings", nil, "%s", err)
		return s
	}
	if raw, err := json.Marshal(cleaned); err != nil || len(raw) > maxSettings {
		f.Addf("settings", nil, "must have at most %d bytes", maxSettings)
	}
	return cleaned.(map[string]any)
}

// Merge applies a merge-patch to the settings (RFC 7396, section 2): objects are
// merged member by member, null removes a member, and all else takes its place.
func (t *Theme) Merge(patch map[string]any) { t.Settings = merge(t.Settings, patch) }

func merge(target, patch map[string]any) map[string]any {
	merged := maps.Clone(target)
	if merged == nil {
		merged = map[string]any{}
	}
	for name, value := range patch {
		if value == nil {
			delete(merged, name)
		} else if inner, isObject := value.(map[string]any); isObject {
			old, _ := merged[name].(map[string]any)
			merged[name] = merge(old, inner)
		} else {
			merged[name] = value
		}
	}
	return merged
}

var (
	errDepth   = errors.New("must have at most 10 levels")
	errControl = errors.New("must not contain control characters")
)

func clean(v any, depth int) (any, error) {
	var err error
	switch v := v.(type) {
	case string:
		v = strings.ReplaceAll(v, "\r\n", "\n")
		if strings.ContainsFunc(v, text.Forbidden) {
			err = errControl
		}
		return v, err
	case []any:
		if depth > maxDepth {
			return nil, errDepth
		}
		items := make([]any, len(v))
		for i := range v {
			if items[i], err = clean(v[i], depth+1); err != nil {
				return nil, err
			}
		}
		return items, nil
	case map[string]any:
		if depth > maxDepth {
			return nil, errDepth
		}
		members := make(map[string]any, len(v))
		for name, value := range v {
			if strings.ContainsFunc(name, unicode.IsControl) {
				return nil, errControl
			}
			if members[name], err = clean(value, depth+1); err != nil {
				return nil, err
			}
		}
		return members, nil
	}
	return v, nil
}
