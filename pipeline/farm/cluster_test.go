package farm

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// cluster is three servers on loopback.
type cluster struct {
	options [3]ServerOptions
	servers [3]*Server
}

// clustered starts a cluster that ends with the test.
func clustered(t testing.TB) *cluster {
	t.Helper()
	dir := t.TempDir()
	c := &cluster{}
	var routes []string
	for range 3 {
		routes = append(routes, free(t))
	}
	for i := range c.options {
		c.options[i] = ServerOptions{
			Addr: free(t), Dir: filepath.Join(dir, string(rune('a'+i))), Store: 1 << 30, Name: string(rune('a' + i)),
			Cluster: "studio", ClusterAddr: routes[i], Routes: routes,
		}
		c.start(t, i)
	}
	t.Cleanup(func() {
		for _, s := range c.servers {
			if s != nil {
				s.Stop()
			}
		}
	})
	patience := time.Now().Add(time.Minute)
	for c.leads(t, "") < 0 {
		if time.Now().After(patience) {
			t.Fatal("the cluster has no leader")
		}
		time.Sleep(50 * time.Millisecond)
	}
	return c
}

// free is an address nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (c *cluster) start(t testing.TB, i int) {
	t.Helper()
	s, err := Serve(c.options[i])
	if err != nil {
		t.Fatal(err)
	}
	c.servers[i] = s
}

// leads returns the server that leads a stream, or all of JetStream for no name; -1 for none.
func (c *cluster) leads(t testing.TB, stream string) int {
	for i, s := range c.servers {
		if s != nil && (stream == "" && s.s.JetStreamIsLeader() || stream != "" && s.s.JetStreamIsStreamLeader("$G", stream)) {
			return i
		}
	}
	return -1
}

func (c *cluster) url() string {
	var all []string
	for _, o := range c.options {
		all = append(all, "nats://"+o.Addr)
	}
	return strings.Join(all, ",")
}

// wire is a cable to a server that can be cut and mended.
type wire struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	cut      bool
	ends     []net.Conn
}

func wired(t testing.TB, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, to: to}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			w.join(in)
		}
	}()
	t.Cleanup(func() { l.Close(); w.set(true) })
	return w
}

func (w *wire) url() string { return "nats://" + w.listener.Addr().String() }

func (w *wire) join(in net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out, err := net.Dial("tcp", w.to)
	if err != nil || w.cut {
		in.Close()
		if out != nil {
			out.Close()
		}
		return
	}
	w.ends = append(w.ends, in, out)
	for a, b := range map[net.Conn]net.Conn{in: out, out: in} {
		go func() {
			_, _ = io.Copy(a, b)
			a.Close()
		}()
	}
}

// set cuts the wire or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for _, c := range w.ends {
			c.Close()
		}
		w.ends = nil
	}
}
