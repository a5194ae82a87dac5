// Package s3 keeps blobs in a bucket of Amazon S3, or of any storage that speaks its
// protocol: MinIO, Ceph, Cloudflare R2, Backblaze B2 and others.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"vitrine/internal/blob"
)

// Options say where the bucket is and who may use it.
type Options struct {
	Endpoint string // "https://s3.eu-central-1.amazonaws.com"
	Region   string
	Bucket   string // it must be there
	KeyID    string
	Secret   string
}

// slowest is how long one try of a call may take.
const slowest = 30 * time.Second

// maxContent bounds what is read of one object: nothing of ours is as large.
const maxContent = 64 << 20

// Storage is a bucket. It implements blob.Storage.
type Storage struct {
	client *s3.Client
	bucket *string
}

// Open returns a bucket. Nothing is asked yet.
func Open(o Options) (*Storage, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("the endpoint of the storage must be an http or https address, not %q", o.Endpoint)
	}
	if o.Bucket == "" {
		return nil, errors.New("the bucket of the storage has no name")
	}
	client := s3.New(s3.Options{
		BaseEndpoint: &o.Endpoint, Region: o.Region, UsePathStyle: true, // of all servers, and of names with dots
		Credentials: credentials.NewStaticCredentialsProvider(o.KeyID, o.Secret, ""),
		HTTPClient:  &http.Client{Timeout: slowest},
		// Servers older than 2025 refuse the sums that S3 itself can do without.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
	return &Storage{client: client, bucket: &o.Bucket}, nil
}

// Put implements blob.Storage.
func (s *Storage) Put(ctx context.Context, k blob.Key, content []byte) error {
	name, err := name(k)
	if err != nil {
		return err
	}
	kind := mime.TypeByExtension(path.Ext(k.Name))
	in := &s3.PutObjectInput{Bucket: s.bucket, Key: name, Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content)))}
	if kind != "" {
		in.ContentType = &kind
	}
	if _, err := s.client.PutObject(ctx, in); err != nil {
		return fmt.Errorf("put %s: %w", k, err)
	}
	return nil
}

// Get implements blob.Storage.
func (s *Storage) Get(ctx context.Context, k blob.Key) ([]byte, error) {
	name, err := name(k)
	if err != nil {
		return nil, err
	}
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: s.bucket, Key: name})
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return nil, blob.ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", k, err)
	}
	content, err := io.ReadAll(io.LimitReader(out.Body, maxContent))
	if err = errors.Join(err, out.Body.Close()); err != nil {
		return nil, fmt.Errorf("get %s: %w", k, err)
	}
	if out.ContentLength != nil && *out.ContentLength != int64(len(content)) {
		return nil, fmt.Errorf("get %s: %w", k, io.ErrUnexpectedEOF)
	}
	return content, nil
}

// Exists implements blob.Storage.
func (s *Storage) Exists(ctx context.Context, k blob.Key) (bool, error) {
	name, err := name(k)
	if err != nil {
		return false, err
	}
	_, err = s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: s.bucket, Key: name})
	if _, none := errors.AsType[*types.NotFound](err); none {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", k, err)
	}
	return true, nil
}

// Delete implements blob.Storage.
func (s *Storage) Delete(ctx context.Context, k blob.Key) error {
	name, err := name(k)
	if err != nil {
		return err
	}
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: s.bucket, Key: name}); err != nil {
		return fmt.Errorf("delete %s: %w", k, err)
	}
	return nil
}

func name(k blob.Key) (*string, error) {
	if !k.Valid() {
		return nil, blob.ErrKey
	}
	s := k.String()
	return &s, nil
}
