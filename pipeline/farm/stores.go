package farm

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The names in JetStream.
const (
	jobsStream    = "ORFEAS_JOBS"
	resultsStream = "ORFEAS_RESULTS"
	deadStream    = "ORFEAS_DEAD"
	pictureBucket = "ORFEAS_PICTURES"
	resultBucket  = "ORFEAS_MESHES"
	workerBucket  = "ORFEAS_WORKERS"
	startBucket   = "ORFEAS_STARTS"

	jobSubject    = "orfeas.jobs."
	resultSubject = "orfeas.results."
	deadSubject   = "orfeas.dead."
	stateSubject  = "orfeas.states."
	stopSubject   = "orfeas.stop."
	wakeSubject   = "orfeas.wake"
)

const (
	maxTask   = 64 << 10
	maxResult = 1 << 20
	maxDead   = 10_000 // letters kept
)

// stores are the farm's streams and buckets.
type stores struct {
	jobs, results, dead jetstream.Stream
	pictures, meshes    bucket
	workers, starts     jetstream.KeyValue
}

// ready returns the stores, which are made by one while the others wait.
func (f *Farm) ready(ctx context.Context) (*stores, error) {
	if s := f.known(); s != nil {
		return s, nil
	}
	if err := f.making.take(ctx); err != nil {
		return nil, err
	}
	defer f.making.free()
	if s := f.known(); s != nil {
		return s, nil
	}
	s, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stores = s
	return s, nil
}

func (f *Farm) known() *stores {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stores
}

// open makes what is not there yet. What is there is taken as it is: it is for its keepers to change.
func (f *Farm) open(ctx context.Context) (*stores, error) {
	o := f.options
	if o.Replicas == 0 {
		o.Replicas = 1
		if f.nc.ConnectedClusterName() != "" {
			o.Replicas = 3
		}
	}
	var s stores
	var err error
	one := jetstream.StreamConfig{
		Name: jobsStream, Subjects: []string{jobSubject + ">"}, Retention: jetstream.WorkQueuePolicy, Replicas: o.Replicas, MaxMsgSize: maxTask,
		MaxAge: o.Keep, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
	}
	if s.jobs, err = f.stream(ctx, one); err != nil {
		return nil, err
	}
	one.Name, one.Subjects, one.Retention, one.MaxMsgSize = resultsStream, []string{resultSubject + ">"}, jetstream.LimitsPolicy, maxResult
	if s.results, err = f.stream(ctx, one); err != nil {
		return nil, err
	}
	dead := jetstream.StreamConfig{
		Name: deadStream, Subjects: []string{deadSubject + ">"}, Replicas: o.Replicas, MaxMsgs: maxDead, MaxMsgSize: maxResult, Discard: jetstream.DiscardOld,
	}
	if s.dead, err = f.stream(ctx, dead); err != nil {
		return nil, err
	}
	if s.pictures, err = f.bucket(ctx, pictureBucket, o.PictureBytes, o); err != nil {
		return nil, err
	}
	if s.meshes, err = f.bucket(ctx, resultBucket, o.ResultBytes, o); err != nil {
		return nil, err
	}
	board := jetstream.KeyValueConfig{Bucket: workerBucket, TTL: silent * o.Every, Storage: jetstream.MemoryStorage, Replicas: o.Replicas}
	if s.workers, err = f.values(ctx, board); err != nil {
		return nil, err
	}
	if s.starts, err = f.values(ctx, jetstream.KeyValueConfig{Bucket: startBucket, TTL: o.Keep, Replicas: o.Replicas}); err != nil {
		return nil, err
	}
	return &s, nil
}

// doubt looks anew for what there is when an error says that some of it is gone: a server that starts anew has lost what was
// in its memory.
func (f *Farm) doubt(err error) {
	for _, gone := range []error{jetstream.ErrStreamNotFound, jetstream.ErrNoStreamResponse, jetstream.ErrConsumerNotFound, nats.ErrNoResponders} {
		if errors.Is(err, gone) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.stores = nil
			clear(f.classes)
			return
		}
	}
}

func (f *Farm) values(ctx context.Context, c jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	ctx, done := soon(ctx)
	defer done()
	kv, err := f.js.KeyValue(ctx, c.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = f.js.CreateOrUpdateKeyValue(ctx, c)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Bucket, err)
	}
	return kv, nil
}

func (f *Farm) stream(ctx context.Context, c jetstream.StreamConfig) (jetstream.Stream, error) {
	ctx, done := soon(ctx)
	defer done()
	s, err := f.js.Stream(ctx, c.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = f.js.CreateStream(ctx, c)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // somebody was quicker, with other options
		s, err = f.js.Stream(ctx, c.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Name, err)
	}
	return s, nil
}

// bucket is an object store of which nothing is left when an object is deleted. The store's own Delete leaves a message
// for each name, which at a million jobs a day is a million too many.
type bucket struct {
	jetstream.ObjectStore
	name   string
	stream jetstream.Stream
}

func (f *Farm) bucket(ctx context.Context, name string, bytes int64, o Options) (b bucket, err error) {
	ctx, done := soon(ctx)
	defer done()
	b.name = name
	b.ObjectStore, err = f.js.ObjectStore(ctx, name)
	if errors.Is(err, jetstream.ErrBucketNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		b.ObjectStore, err = f.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name, TTL: o.Keep, MaxBytes: bytes, Replicas: o.Replicas})
	}
	if err == nil {
		b.stream, err = f.js.Stream(ctx, "OBJ_"+name)
	}
	if err != nil {
		return b, fmt.Errorf("open %s: %w", name, err)
	}
	return b, nil
}

// drop deletes an object, also one that was put there by halves. The subjects are those of ADR-20 of NATS.
func (b bucket) drop(ctx context.Context, object string) error {
	ctx, done := soon(ctx)
	defer done()
	about := "$O." + b.name + ".M." + base64.URLEncoding.EncodeToString([]byte(object))
	info, err := b.GetInfo(ctx, object, jetstream.GetObjectInfoShowDeleted())
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(b.stream.Purge(ctx, jetstream.WithPurgeSubject(about)), b.stream.Purge(ctx, jetstream.WithPurgeSubject("$O."+b.name+".C."+info.NUID)))
}

// full reports whether the error is that there is no room left.
func full(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	const insufficient, storage, refused = 10023, 10047, 10077 // errors.json of the server
	return api.ErrorCode == insufficient || api.ErrorCode == storage || api.ErrorCode == refused && strings.Contains(api.Description, "bytes")
}

// there reports whether the error is that a subject has its one message already.
func there(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && strings.Contains(api.Description, "per subject")
}
