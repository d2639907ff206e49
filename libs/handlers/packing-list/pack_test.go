package main

import (
	"encoding/json"
	"testing"
)

func TestPack(t *testing.T) {
	cases := []struct{ name, order, list string }{
		{"an order that fits", `{"lines":[{"item":"tea","quantity":2}]}`, `{"parcels":[[{"item":"tea","quantity":2}]]}`},
		{"a full parcel", `{"lines":[{"item":"tea","quantity":10}]}`, `{"parcels":[[{"item":"tea","quantity":10}]]}`},
		{
			"lines that share a parcel, and one that takes two",
			`{"lines":[{"item":"tea","quantity":7},{"item":"cups","quantity":5}]}`,
			`{"parcels":[[{"item":"tea","quantity":7},{"item":"cups","quantity":3}],[{"item":"cups","quantity":2}]]}`,
		},
		{"nothing", `{}`, `{"parcels":[]}`},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			list, err := pack(orderOf(t, each.order))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := json.Marshal(list)
			if err != nil || string(answer) != each.list {
				t.Errorf("it answers %s (%v) instead of %s", answer, err, each.list)
			}
		})
	}
}

func TestPackRefuses(t *testing.T) {
	for _, order := range []string{
		`{"lines":[{"item":"tea","quantity":0}]}`,
		`{"lines":[{"item":"tea","quantity":-1}]}`,
		`{"lines":[{"item":"tea","quantity":10001}]}`,
		`{"lines":[{"item":"tea","quantity":9223372036854775807},{"item":"tea","quantity":1}]}`,
	} {
		if list, err := pack(orderOf(t, order)); err == nil {
			t.Errorf("it packs %s as %v", order, list)
		}
	}
}

func orderOf(t *testing.T, text string) Order {
	t.Helper()
	var order Order
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		t.Fatal(err)
	}
	return order
}
