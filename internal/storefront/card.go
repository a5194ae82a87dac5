package storefront

import (
	"hash/fnv"
	"strconv"
)

// tints is how many colors there are for products without a picture.
const tints = 6

// tint is the class that gives a product without a picture its color.
func tint(title string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(title))
	return tintOf(int(h.Sum32() % tints))
}

// tintOf is the nth of those classes, from the beginning again behind the last.
func tintOf(n int) string { return "tint-" + strconv.Itoa(n%tints) }

// average is the mean of reviews.
func average(sum, count int64) float64 {
	if count == 0 {
		return 0
	}
	return float64(sum) / float64(count)
}
