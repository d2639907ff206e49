package main

import "fmt"

// How many pieces a parcel takes.
const parcel = 10

// How many pieces an order may have: a list of more would not fit into an answer of Lambda's.
const mostPieces = 10_000

// Order is what somebody wants.
type Order struct {
	Lines []Line `json:"lines"`
}

// Line is one kind of item, and how many pieces of it.
type Line struct {
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
}

// PackingList is what goes into which parcel.
type PackingList struct {
	Parcels [][]Line `json:"parcels"`
}

// Fills one parcel after the other, in the order of the lines.
func pack(order Order) (PackingList, error) {
	parcels := [][]Line{}
	room, pieces := 0, 0
	for _, line := range order.Lines {
		if line.Quantity < 1 || line.Quantity > mostPieces-pieces {
			return PackingList{}, fmt.Errorf("%d pieces of %q cannot be packed: an order has 1 to %d pieces", line.Quantity, line.Item, mostPieces)
		}
		pieces += line.Quantity
		for left := line.Quantity; left > 0; {
			if room == 0 {
				parcels, room = append(parcels, nil), parcel
			}
			packed := min(left, room)
			last := &parcels[len(parcels)-1]
			*last = append(*last, Line{line.Item, packed})
			left, room = left-packed, room-packed
		}
	}
	return PackingList{parcels}, nil
}
