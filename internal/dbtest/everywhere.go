package dbtest

// everywhere are the functions whose statements may ask every machine of a Citus cluster,
// and why. What Citus refuses is not among them.
var everywhere = map[string]string{
	"analytics.Verify":            doctor,
	"analytics.addUpAll":          "which stores have sold something since the last look",
	"audit.Clean":                 "which stores have old lines, once an hour",
	"catalog.RepairSearch":        doctor,
	"catalog.VerifySearch":        doctor,
	"catalog.unindexed":           "which stores have products that are not indexed yet, once an hour",
	"media.Service.missing":       doctor,
	"media.Service.unused":        "whether any store has a picture, once an hour",
	"order.Service.CancelExpired": "which orders were not paid in time",
	"order.Service.Forget":        "forms of yesterday, once an hour",
	"order.indexAll":              "which stores have orders that are not indexed yet",
	"seal.Column.read":            doctor,
	"store.findPictures":          "pictures are shared: what an upload need not send again may be in any store",
	"till.Verify":                 doctor,
	"webhook.Clean":               "old deliveries, once an hour",
	"webhook.dueOfCluster":        "which stores have something to send",
}

const doctor = "doctor looks at all stores"

// elsewhere are the functions that send another statement to a cluster.
var elsewhere = map[string]string{
	"store.Front": "store.frontOfCluster",
	"webhook.Due": "webhook.dueOfCluster",
}
