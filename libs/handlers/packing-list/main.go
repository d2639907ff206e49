// A Lambda function that tells what goes into which parcel of an order.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, order Order) (PackingList, error) {
		return pack(order)
	})
}
