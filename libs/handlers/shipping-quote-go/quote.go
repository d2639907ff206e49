package main

import (
	"fmt"
	"math"
	"strings"
)

// How many pieces a parcel takes.
const parcel = 10

// The largest whole number that every language reads from JSON as it is written.
const mostPieces = 1<<53 - 1

// Quote is the answer to a request that can be answered, or what is wrong with it.
type Quote struct {
	Item     string `json:"item,omitempty"`
	Quantity int64  `json:"quantity,omitempty"`
	Parcels  int64  `json:"parcels,omitempty"`
	Error    string `json:"error,omitempty"`
	Handler  string `json:"handler"`
}

// How many parcels an order needs. It takes what encoding/json makes of any JSON, and no struct: fields of
// a struct would also be found if the request writes them in capitals.
func quote(request any) Quote {
	fields, ok := request.(map[string]any)
	if !ok {
		return refusal(`The request must be {"item": "...", "quantity": 1}.`)
	}
	item, ok := fields["item"].(string)
	// Not TrimSpace: every language has its own idea of which characters are blank.
	if !ok || strings.Trim(item, " \t\r\n") == "" {
		return refusal(`"item" must be a text.`)
	}
	number, ok := fields["quantity"].(float64)
	if !ok || number != math.Trunc(number) || number < 1 || number > mostPieces {
		return refusal(fmt.Sprintf(`"quantity" must be a whole number from 1 to %d.`, mostPieces))
	}
	quantity := int64(number)
	return Quote{Item: item, Quantity: quantity, Parcels: (quantity + parcel - 1) / parcel, Handler: "go"}
}

func refusal(sentence string) Quote {
	return Quote{Error: sentence, Handler: "go"}
}
