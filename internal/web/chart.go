package web

import (
	"fmt"
	"slices"
	"strings"
)

// Point is a value of a chart and what it is called in the table beside it.
type Point struct {
	Label string // of its place: "15 Jan"
	Value int64
	Text  string // of its value: "$1,299.00"
}

// Chart is a line over time.
type Chart struct {
	Title  string // what it shows, in a sentence
	Points []Point
	Head   [2]string // of the table: "Day", "Revenue"
	Max    string    // how the highest value reads
}

const (
	chartWidth, chartHeight = 720, 200
	sparkWidth, sparkHeight = 80, 24
)

// top is the highest value, and 1 at least, so that a line of zeros lies below.
func top(values []int64) int64 { return max(1, slices.Max(append([]int64{0}, values...))) }

func (c Chart) values() []int64 {
	values := make([]int64, len(c.Points))
	for i, p := range c.Points {
		values[i] = p.Value
	}
	return values
}

// line returns the points of a polyline through values, in a box whose lower left
// corner is 0. Values below 0 stay on the ground.
func line(values []int64, width, height float64) string {
	highest := float64(top(values))
	step := width / float64(max(1, len(values)-1))
	points := make([]string, len(values))
	for i, v := range values {
		points[i] = fmt.Sprintf("%.1f,%.1f", float64(i)*step, 1+(height-2)*(1-float64(max(0, v))/highest))
	}
	if len(points) == 1 {
		points = append(points, strings.Replace(points[0], "0.0", fmt.Sprintf("%.1f", width), 1))
	}
	return strings.Join(points, " ")
}

// area returns the points of what lies below the line.
func area(values []int64, width, height float64) string {
	return fmt.Sprintf("0,%.1f %s %.1f,%.1f", height, line(values, width, height), width, height)
}

func sparkTitle(values []int64) string {
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf("From %s to %s in %d days", Count(values[0]), Count(values[len(values)-1]), len(values))
}
