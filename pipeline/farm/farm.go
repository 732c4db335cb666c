// Package farm does jobs on other machines, through NATS JetStream (https://docs.nats.io/nats-concepts/jetstream).
//
// A [Farm] is the connection. [Farm.Run] is a [pipeline.Runner]: it puts a job in the line and waits for what comes of
// it. A [Worker] takes jobs that its machine can do. [Serve] is the server for studios that run none. Between them lie:
//
//   - ORFEAS_JOBS, a work-queue stream: a job is a message until it is acknowledged. Its subject is
//     orfeas.jobs.VERSION.ENGINE.NETWORKS.ID, and no subject can have two messages. There is a consumer for every class,
//     that is, the subject without the ID, so that a worker only pulls what it is able to do.
//   - ORFEAS_RESULTS, a stream with the first end of every job that came to one, until whoever wanted it has it.
//   - ORFEAS_DEAD, a stream for people: the jobs that were given up, and why.
//   - two object stores, for pictures and for the files of results, with room of their own, so that waiting pictures never
//     keep results from being delivered.
//   - a bucket of what the workers say about themselves, in memory, and one of how often a job was begun, for those that
//     were begun more than once.
//   - orfeas.states.ID, how far a job is, orfeas.stop.ID and orfeas.wake, messages that may be missed.
//
// A job may be handed out more than once, when a worker or its network dies; it comes to one end, because the stream of
// results takes one. What is acknowledged lies on the disks, and in a cluster on most servers.
package farm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options are how a farm is reached and how it works. What is zero has its default. Those behind Replicas count when the
// farm is first used, and stay as they are then.
type Options struct {
	URL     string // nats://, tls:// or ws://, with a user and password or a token if need be; several behind commas
	Creds   string // file with an NKey and JWT; see https://docs.nats.io/using-nats/developer/connecting/creds
	CA      string // file with the certificate of the authority that signed the server's; the system's if empty
	Cert    string // files with the certificate and key that a server may ask for
	Key     string
	Name    string // of this program, for those who look after the server
	Patient bool   // go on when nobody answers yet; what is refused is an error all the same
	Log     func(text string)

	Deliveries uint64        // how often a job is begun before it is given up; 5
	Recheck    time.Duration // how often it is made sure that a job is still there; 10 s
	Every      time.Duration // how often workers say how they are, and look for jobs they heard nothing of; 2 s

	Replicas     int           // of all that is kept; 3 in a cluster, else 1
	AckWait      time.Duration // after which a job whose worker is silent is handed out anew; 30 s
	Keep         time.Duration // after which what nobody wants any more goes; a week
	PictureBytes int64         // room for pictures; 8 GiB
	ResultBytes  int64         // room for results; 8 GiB

	server *Server // in this process, that is connected to without a network
}

// Within makes the stores fit on a server that may take so many bytes, unless their size is given.
func (o Options) Within(bytes int64) Options {
	most := min(8<<30, bytes*2/5)
	o.PictureBytes, o.ResultBytes = cmp.Or(o.PictureBytes, most), cmp.Or(o.ResultBytes, most)
	return o
}

// Abreast is how many jobs of one queue may be in a farm at once, waiting or being done.
const Abreast = 256

// Environment completes how the farm is reached with what the environment says: ORFEAS_FARM, ORFEAS_FARM_CREDS, ORFEAS_FARM_CA,
// ORFEAS_FARM_CERT and ORFEAS_FARM_KEY. Secrets are better there than on a command line, which others can see.
func (o Options) Environment() Options {
	for name, to := range map[string]*string{"": &o.URL, "_CREDS": &o.Creds, "_CA": &o.CA, "_CERT": &o.Cert, "_KEY": &o.Key} {
		if *to == "" {
			*to = os.Getenv("ORFEAS_FARM" + name)
		}
	}
	return o
}

func (o Options) complete() Options {
	o.Name = cmp.Or(o.Name, "orfeas")
	o.Deliveries = cmp.Or(o.Deliveries, 5)
	o.Recheck = cmp.Or(o.Recheck, 10*time.Second)
	o.Every = cmp.Or(o.Every, 2*time.Second)
	o.AckWait = cmp.Or(o.AckWait, 30*time.Second)
	o.Keep = cmp.Or(o.Keep, 7*24*time.Hour)
	o.PictureBytes = cmp.Or(o.PictureBytes, 8<<30)
	o.ResultBytes = cmp.Or(o.ResultBytes, 8<<30)
	if o.Log == nil {
		o.Log = func(string) {}
	}
	return o
}

// Farm is a connection to one. All methods may be called from anywhere.
type Farm struct {
	options Options
	nc      *nats.Conn
	js      jetstream.JetStream
	cleanup sync.WaitGroup

	making  place // for the one who makes what is not there yet
	filling place // for the one job of several pictures that puts them into the store

	mu      sync.Mutex           // never held while the farm is asked
	stores  *stores              // nil until they were seen to be there
	classes map[string]time.Time // when its consumer was last seen to be there
}

// place is a lock whose waiters go when their context ends.
type place chan struct{}

func (p place) take(ctx context.Context) error {
	select {
	case p <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p place) free() { <-p }

// Open connects to a farm. What it needs there is made when it is first used.
func Open(o Options) (*Farm, error) {
	o = o.complete()
	nc, err := connect(o)
	if err != nil {
		return nil, fmt.Errorf("connect to the farm: %w", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("connect to the farm: %w", err)
	}
	return &Farm{options: o, nc: nc, js: js, classes: map[string]time.Time{}, making: make(place, 1), filling: make(place, 1)}, nil
}

// SetUp makes what a farm needs in JetStream, where it is not there yet.
func (f *Farm) SetUp(ctx context.Context) error {
	_, err := f.ready(ctx)
	return err
}

// Close waits a moment for what is being tidied up and ends the connection.
func (f *Farm) Close() {
	done := make(chan struct{})
	go func() {
		f.cleanup.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(answerTime):
	}
	f.nc.Close()
}

// Connected reports whether the farm answers at the moment.
func (f *Farm) Connected() bool { return f.nc.IsConnected() }

// connect tries once, and goes on trying in the background if that is all right.
func connect(o Options) (*nats.Conn, error) {
	say := func(what string, err error) {
		if err != nil {
			what += ": " + err.Error()
		}
		o.Log(what)
	}
	with := []nats.Option{
		nats.Name(o.Name), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond), nats.ReconnectJitter(time.Second/2, time.Second/2),
		nats.ReconnectBufSize(-1), // what cannot be sent is known at once, and said again by who wants it said
		nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(5 * time.Second),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				say("the farm is out of reach", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { say("the farm is back", nil) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { say("the farm", err) }),
	}
	if o.Creds != "" {
		with = append(with, nats.UserCredentials(o.Creds))
	}
	if o.CA != "" {
		with = append(with, nats.RootCAs(o.CA))
	}
	if o.Cert != "" || o.Key != "" {
		with = append(with, nats.ClientCert(o.Cert, o.Key))
	}
	if o.server != nil {
		with = append(with, nats.InProcessServer(o.server.s), nats.UserInfo(o.server.user, o.server.password), nats.Token(o.server.token))
	}
	nc, err := nats.Connect(o.URL, with...)
	if errors.Is(err, nats.ErrNoServers) && o.Patient {
		say("the farm does not answer yet", nil)
		return nats.Connect(o.URL, append(with, nats.RetryOnFailedConnect(true))...)
	}
	return nc, err
}

// How long is waited for an answer, for how long at least a picture or a result may be on its way there, and for how long nothing
// of it may come on its way back.
const (
	answerTime   = 5 * time.Second
	transferTime = time.Minute
	slowest      = 1 << 20 // bytes a second
)

func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, answerTime)
}

func inTime(ctx context.Context, bytes int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, transferTime+time.Duration(bytes/slowest)*time.Second)
}
