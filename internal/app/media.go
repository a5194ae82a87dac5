package app

import (
	"net/url"
	"path/filepath"
	"strings"

	"vitrine/internal/blob"
	"vitrine/internal/blob/disk"
	"vitrine/internal/blob/s3"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/media"
)

// atHand is how much of a storage far away is kept in memory: some thousand pictures
// as lists show them.
const atHand = 64 << 20

func newMedia(c *config.Config, d *db.DB) (*media.Service, error) {
	blobs, err := newBlobs(c)
	if err != nil {
		return nil, err
	}
	return media.New(d, blobs, media.Limits{File: int64(c.MediaFileLimit) << 20, Store: int64(c.MediaStoreLimit) << 20}), nil
}

// Blobs opens where pictures lie, for commands that serve nothing. onDisk tells whether
// that is a folder.
func Blobs(c *config.Config) (storage blob.Storage, onDisk bool, err error) {
	storage, err = newBlobs(c)
	return storage, c.MediaS3Endpoint == "", err
}

// Media opens the pictures of a platform, for commands that serve nothing.
func Media(c *config.Config, d *db.DB) (*media.Service, error) { return newMedia(c, d) }

func newBlobs(c *config.Config) (blob.Storage, error) {
	if c.MediaS3Endpoint == "" {
		return disk.Open(mediaDir(c), clock.System{}.Now())
	}
	bucket, err := s3.Open(s3.Options{
		Endpoint: c.MediaS3Endpoint, Region: c.MediaS3Region, Bucket: c.MediaS3Bucket, KeyID: c.MediaS3KeyID, Secret: c.MediaS3Secret,
	})
	if err != nil {
		return nil, err
	}
	return blob.NewCached(bucket, atHand), nil
}

// mediaDir is the folder that pictures lie in: the one that the settings name, or one
// that is named after the database and lies beside it.
func mediaDir(c *config.Config) string {
	if c.MediaDir != "" {
		return c.MediaDir
	}
	name := "vitrine"
	if file, isSQLite := strings.CutPrefix(c.DatabaseURL, "sqlite://"); isSQLite {
		name = strings.TrimSuffix(file, filepath.Ext(file))
	} else if u, err := url.Parse(c.DatabaseURL); err == nil && len(u.Path) > 1 {
		name = filepath.Base(u.Path)
	}
	return name + "-media"
}
