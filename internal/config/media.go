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
		{name: "media_dir", fallback: "", help: "the folder that uploaded pictures lie in; empty: beside the SQLite file, named after it, or where the process was started, named after the database", set: text(&m.MediaDir)},
		{name: "media_s3_endpoint", fallback: "", help: "the address of S3-compatible storage for uploaded pictures; empty: they lie in media_dir", set: text(&m.MediaS3Endpoint)},
		{name: "media_s3_region", fallback: "us-east-1", help: "its region", set: text(&m.MediaS3Region)},
		{name: "media_s3_bucket", fallback: "", help: "a bucket in it that nothing else uses", set: text(&m.MediaS3Bucket)},
		{name: "media_s3_key_id", fallback: "", help: "the access key's id", set: text(&m.MediaS3KeyID)},
		{name: "media_s3_secret", fallback: "", help: "the secret access key", secret: true, set: text(&m.MediaS3Secret)},
		{name: "media_file_limit", fallback: "20", help: "how many MiB an uploaded picture can have", set: positive(&m.MediaFileLimit)},
		{name: "media_store_limit", fallback: "1024", help: "how many MiB the pictures of a store can take; 0: no limit", set: number(&m.MediaStoreLimit)},
	}
}
