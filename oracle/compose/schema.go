package main

import (
	"encoding/json"

	"github.com/compose-spec/compose-go/v2/schema"
)

// Writes the schema that compose-go holds files against, without what is only for readers.
func writeSchema(out *json.Encoder) error {
	var all map[string]any
	if err := json.Unmarshal([]byte(schema.Schema), &all); err != nil {
		return err
	}
	return out.Encode(bare(all, false))
}

// `names` tells that the keys of `value` are names of its own.
func bare(value any, names bool) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, inner := range v {
			switch key {
			case "description", "title", "$schema", "$comment", "$id", "default", "deprecated":
				if !names {
					continue
				}
			}
			kept[key] = bare(inner, !names && (key == "properties" || key == "$defs" || key == "patternProperties"))
		}
		return kept
	case []any:
		for i := range v {
			v[i] = bare(v[i], false)
		}
	}
	return value
}
