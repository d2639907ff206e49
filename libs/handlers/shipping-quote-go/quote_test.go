package main

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// The contract, which the tests of every implementation read.
const contract = "../shipping-quote-contract/cases.json"

func TestContract(t *testing.T) {
	content, err := os.ReadFile(contract)
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name     string
		Request  any
		Response map[string]any
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	for _, each := range cases {
		t.Run(each.Name, func(t *testing.T) {
			each.Response["handler"] = "go"

			answer := asJSON(t, quote(each.Request))

			if !reflect.DeepEqual(answer, each.Response) {
				t.Errorf("to %v it answers %v instead of %v", each.Request, answer, each.Response)
			}
		})
	}
}

// What a caller reads.
func asJSON(t *testing.T, answer Quote) map[string]any {
	t.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
