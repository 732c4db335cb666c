package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// document is what of the OpenAPI document the tests look at.
type document struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Security    *[]any `json:"security"`
		Parameters  []struct{ Name, In string }
		Responses   map[string]struct {
			Content map[string]struct{ Schema any }
		}
	}
	Components struct{ Schemas map[string]any }
}

func readDocument(t *testing.T) (d document) {
	t.Helper()
	if err := json.Unmarshal(openapi, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOpenAPIPaths: the document has every path and method there is, and no other, and says which ask for the token.
func TestOpenAPIPaths(t *testing.T) {
	d := readDocument(t)
	s := openWith(t, Options{}, nil)
	var said, there []string
	for path, methods := range d.Paths {
		for method, op := range methods {
			said = append(said, fmt.Sprint(strings.ToUpper(method), " ", path, " open ", op.Security != nil))
			for _, name := range []string{"{id}", "{format}"} {
				known := slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.In == "path" && "{"+p.Name+"}" == name })
				if strings.Contains(path, name) != known {
					t.Errorf("%s %s: the parameter %s", method, path, name)
				}
			}
		}
	}
	for _, rt := range s.routes() {
		if !strings.HasPrefix(rt.pattern, "GET /static/") && rt.pattern != "GET /{$}" {
			there = append(there, fmt.Sprint(rt.pattern, " open ", rt.open))
		}
	}
	slices.Sort(said)
	slices.Sort(there)
	if !slices.Equal(said, there) {
		t.Errorf("the document has\n%s\nthe server has\n%s", strings.Join(said, "\n"), strings.Join(there, "\n"))
	}
}

// TestOpenAPIAnswers asks every path and holds the answers to their schemas.
func TestOpenAPIAnswers(t *testing.T) {
	d := readDocument(t)
	s := open(t, Options{})
	s.upload(201, small, [][]byte{ball(1), ball(2)})
	s.done("000001")
	s.done("000002")
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			if path == "/ws" || path == "/api/events" || path == "/api/jobs" && method == "post" {
				continue
			}
			for _, id := range []string{"000001", "999999"} {
				where := strings.NewReplacer("{id}", id, "{format}", "glb").Replace(path)
				if method == "delete" {
					where = strings.ReplaceAll(where, "000001", "000002") // the first one is still needed
				}
				resp, data := s.request(strings.ToUpper(method), where, nil)
				responses := d.Paths[path][method].Responses
				r, known := responses[fmt.Sprint(resp.StatusCode)]
				if !known {
					if r = responses["default"]; resp.StatusCode < 400 {
						t.Errorf("%s %s: %d is not in the document", method, where, resp.StatusCode)
					}
				}
				kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
				content, known := r.Content[kind]
				if major, _, _ := strings.Cut(kind, "/"); !known {
					content, known = r.Content[major+"/*"]
				}
				if !known && len(r.Content)+len(data) > 0 {
					t.Errorf("%s %s: %s %q is not in the document", method, where, resp.Status, kind)
				}
				if content.Schema == nil {
					continue
				}
				var v any
				if err := json.Unmarshal(data, &v); err != nil {
					t.Errorf("%s %s: %v", method, where, err)
				}
				for _, fault := range d.check("", content.Schema, v) {
					t.Errorf("%s %s: %s", method, where, fault)
				}
			}
		}
	}
	body, kind := form(small, ball(3))
	_, data := s.request(http.MethodPost, "/api/jobs", body, "Content-Type", kind)
	var v any
	json.Unmarshal(data, &v)
	for _, fault := range d.check("", d.Paths["/api/jobs"]["post"].Responses["201"].Content["application/json"].Schema, v) {
		t.Error(fault)
	}
}

// check holds a value to the part of JSON Schema the document uses.
func (d document) check(at string, schema, v any) (faults []string) {
	s, ok := schema.(map[string]any)
	if !ok {
		return []string{at + ": no schema"}
	}
	if name, ok := s["$ref"].(string); ok {
		return d.check(at, d.Components.Schemas[name[strings.LastIndex(name, "/")+1:]], v)
	}
	say := func(format string, a ...any) { faults = append(faults, at+": "+fmt.Sprintf(format, a...)) }
	types, _ := s["type"].([]any)
	if one, ok := s["type"].(string); ok {
		types = []any{one}
	}
	if len(types) > 0 && !slices.ContainsFunc(types, func(t any) bool { return isType(t.(string), v) }) {
		say("%v is no %v", v, types)
		return faults
	}
	if values, ok := s["enum"].([]any); ok && !slices.Contains(values, v) {
		say("%v is none of %v", v, values)
	}
	if x, ok := v.(float64); ok {
		if lo, ok := s["minimum"].(float64); ok && x < lo {
			say("%v is less than %v", x, lo)
		}
		if hi, ok := s["maximum"].(float64); ok && x > hi {
			say("%v is more than %v", x, hi)
		}
	}
	if list, ok := v.([]any); ok {
		for i, e := range list {
			faults = append(faults, d.check(fmt.Sprintf("%s[%d]", at, i), s["items"], e)...)
		}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return faults
	}
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			say("there is no %v", name)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if p, ok := properties[name]; ok {
			faults = append(faults, d.check(at+"."+name, p, object[name])...)
		} else if s["additionalProperties"] == false {
			say("%s is not in the schema", name)
		}
	}
	return faults
}

func isType(name string, v any) bool {
	switch v := v.(type) {
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}
