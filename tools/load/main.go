// Command load makes users for a server on this machine: each uploads a picture of its own, watches the job by WebSocket,
// downloads the mesh, and begins again. It is bounded in time, users and jobs, and speaks to loopback only. At the end it
// says what was slow, what failed, and whether a job was lost or doubled.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"time"
)

// The bounds: this is for one machine and its owner.
const (
	maxUsers = 200
	maxTime  = 10 * time.Minute
	maxJobs  = 20_000
)

type options struct {
	url      string
	token    string
	picture  string
	users    int
	jobs     int
	time     time.Duration
	engine   string
	faces    int
	vanish   float64 // share of the watches that are broken off and begun anew
	kill     time.Duration
	server   int // process
	disk     string
	full     time.Duration
	settings string
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "http://127.0.0.1:7860", "the server, on this machine")
	flag.StringVar(&o.token, "token", os.Getenv("ORFEAS_TOKEN"), "its token")
	flag.StringVar(&o.picture, "picture", "assets/samples/duck.png", "the PNG that is varied")
	flag.IntVar(&o.users, "users", 10, "users at once")
	flag.IntVar(&o.jobs, "jobs", maxJobs, "jobs at most, of all users together")
	flag.DurationVar(&o.time, "for", time.Minute, "how long users begin again")
	flag.StringVar(&o.engine, "engine", "inflate", "engine asked for")
	flag.IntVar(&o.faces, "faces", 20_000, "triangles asked for")
	flag.Float64Var(&o.vanish, "vanish", 0.1, "share of watches broken off without a word")
	flag.IntVar(&o.server, "server", 0, "process of the server, for -kill")
	flag.DurationVar(&o.kill, "kill", 0, "kill the server's worker every so often; 0 is never")
	flag.StringVar(&o.disk, "disk", "", "a folder on the small disk that holds the server's data, for -full")
	flag.DurationVar(&o.full, "full", 0, "fill that disk every so often; 0 is never")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if err := check(o); err != nil {
		return err
	}
	pictures, err := readPictures(o.picture)
	if err != nil {
		return err
	}
	o.settings = fmt.Sprintf(`{"engine":%q,"faces":%d}`, o.engine, o.faces)
	r := newReport()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var faults sync.WaitGroup
	faults.Go(func() { r.watchMemory(watching, o) })
	if o.kill > 0 {
		faults.Go(func() { killWorkers(watching, o, r) })
	}
	if o.full > 0 {
		faults.Go(func() { fillDisk(watching, o, r) })
	}
	start := time.Now()
	end := start.Add(o.time)
	var users sync.WaitGroup
	for n := range o.users {
		users.Go(func() {
			u := newUser(n, o, r, pictures)
			for time.Now().Before(end) && ctx.Err() == nil && r.begin(o.jobs) {
				u.turn(ctx)
			}
		})
	}
	users.Wait()
	took := time.Since(start)
	stop()
	faults.Wait()
	r.audit(ctx, o)
	return r.print(os.Stdout, o, took)
}

func check(o options) error {
	u, err := url.Parse(o.url)
	if err != nil {
		return err
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not this machine; load speaks to nothing else", host)
	}
	if o.users < 1 || o.users > maxUsers || o.time > maxTime || o.jobs > maxJobs {
		return fmt.Errorf("at most %d users, %v and %d jobs", maxUsers, maxTime, maxJobs)
	}
	if o.kill > 0 && o.server == 0 {
		return errors.New("-kill needs -server, the process of the server")
	}
	if o.full > 0 && (o.disk == "" || o.full < 2*fullFor) {
		return fmt.Errorf("-full needs -disk, a folder on a small disk, and at least %v", 2*fullFor)
	}
	c, err := net.DialTimeout("tcp", u.Host, time.Second)
	if err != nil {
		return err
	}
	return c.Close()
}
