package order

// IndexAll is what a job does now and then.
var IndexAll = indexAll
