package dbtest

// everywhere are the functions whose statements may ask every machine of a Citus cluster,
// and why. What Citus refuses is not among them.
var everywhere = map[string]string{}
