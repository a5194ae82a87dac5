// Stripe is the one of the browser tests: it prints its address and its key, and ends
// with its standard input.
package main

import (
	"fmt"
	"io"
	"os"

	"vitrine/internal/clock"
	"vitrine/internal/payment/stripe/stripetest"
)

func main() {
	server, stop := stripetest.Start(clock.System{})
	defer stop()
	fmt.Println(server.URL, stripetest.Key)
	_, _ = io.Copy(io.Discard, os.Stdin)
}
