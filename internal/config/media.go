package config

// Media are the settings of uploaded pictures: where they lie, and how much of them
// there can be.
type Media struct {
	MediaDir        string
	MediaS3Endpoint string
	MediaS3Region   string
	MediaS3Bucket   string
	MediaS3KeyID    string
	MediaS3Secret   string
	MediaFileLimit  int // in MiB
	MediaStoreLimit int // in MiB; 0: none
}

func (m *Media) table() []setting {
	return []setting{
		{name: "media_dir", fallback: "", help: "the folder that uploaded pictures lie in. It belongs to one database alone, which deletes from it what no store has any more. Default: beside the SQLite file, `vitrine-media` for `vitrine.db`; with PostgreSQL, where the process was started and named after the database", set: text(&m.MediaDir)},
		{name: "media_s3_endpoint", fallback: "", help: "the address of S3-compatible storage, such as `https://s3.eu-central-1.amazonaws.com`: uploaded pictures lie there and not in `media_dir`. Several processes on one PostgreSQL need it, or a `media_dir` that all of them see", set: text(&m.MediaS3Endpoint)},
		{name: "media_s3_region", fallback: "us-east-1", help: "its region; most other makers take any", set: text(&m.MediaS3Region)},
		{name: "media_s3_bucket", fallback: "", help: "a bucket that is there, and that nothing else uses. It stays private: pictures are served by Vitrine", set: text(&m.MediaS3Bucket)},
		{name: "media_s3_key_id", fallback: "", help: "the id of an access key that may get, put and delete objects in the bucket", set: text(&m.MediaS3KeyID)},
		{name: "media_s3_secret", fallback: "", help: "that key's secret", secret: true, set: text(&m.MediaS3Secret)},
		{name: "media_file_limit", fallback: "20", help: "how many MiB an uploaded picture can have; then 413. It can have 40 million pixels besides", set: positive(&m.MediaFileLimit)},
		{name: "media_store_limit", fallback: "1024", help: "how many MiB all pictures of a store can take, as they are kept; then 400. 0: no limit", set: number(&m.MediaStoreLimit)},
	}
}
