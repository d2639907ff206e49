// A Lambda function that tells how many parcels an order needs.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, request any) (Quote, error) {
		return quote(request), nil
	})
}
