package farm

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ErrOpen says that a server other machines can reach was asked for without credentials.
var ErrOpen = errors.New("a server that other machines can reach needs a user and a password, or a token")

// ServerOptions are how the server of a farm runs. What is zero has its default.
type ServerOptions struct {
	Addr  string // where it listens; 127.0.0.1:4222
	Dir   string // where all of it lies
	Store int64  // bytes it may take there; most of what is free if 0
	Name  string // of this server; the machine's

	User, Password, Token string // asked of everyone; needed off loopback

	Cert, Key string // files for TLS; none if empty
	CA        string // file: clients and other servers must show a certificate by this authority

	Cluster     string   // its name; empty for a single server
	ClusterAddr string   // where the other servers come in
	Routes      []string // addresses of the others, HOST:PORT
	Log         func(text string)
}

// Server is a NATS server with JetStream in this process. What it acknowledges lies on the disk.
type Server struct {
	s                     *server.Server
	user, password, token string
}

// Serve starts one.
func Serve(o ServerOptions) (*Server, error) {
	so, err := o.options()
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(so)
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	log := &serverLog{say: o.Log}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("start the server: %s", cmp.Or(log.last(), "it does not come up"))
	}
	return &Server{s, o.User, o.Password, o.Token}, nil
}

// URL is where clients reach it, without credentials.
func (s *Server) URL() string { return s.s.ClientURL() }

// Farm connects to the farm of the server from within this process.
func (s *Server) Farm(o Options) (*Farm, error) {
	o.server = s
	return Open(o)
}

// Stop ends the server and returns when its files are closed.
func (s *Server) Stop() {
	s.s.Shutdown()
	s.s.WaitForShutdown()
}

// Ended is closed when the server has ended, by Stop or by itself.
func (s *Server) Ended() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		s.s.WaitForShutdown()
		close(ended)
	}()
	return ended
}

func (o ServerOptions) options() (*server.Options, error) {
	host, port, err := address(cmp.Or(o.Addr, "127.0.0.1:4222"))
	if err != nil {
		return nil, err
	}
	if (o.User == "") != (o.Password == "") {
		return nil, errors.New("a user goes with a password")
	}
	closed := o.User != "" || o.Token != ""
	if !closed && !loopback(host) {
		return nil, fmt.Errorf("%w: %s", ErrOpen, o.Addr)
	}
	if closed && len(o.Password+o.Token) < 8 {
		return nil, errors.New("the password or token is too short to keep anyone out: 8 letters or more")
	}
	name, err := os.Hostname()
	if o.Name != "" || err != nil {
		name = cmp.Or(o.Name, "orfeas")
	}
	so := &server.Options{
		ServerName: name, Host: host, Port: port, NoSigs: true, MaxPayload: 1 << 20, MaxPingsOut: 2, PingInterval: 20 * time.Second,
		JetStream: true, StoreDir: o.Dir, SyncAlways: true, JetStreamMaxStore: o.Store, JetStreamMaxMemory: 256 << 20,
		Username: o.User, Password: o.Password, Authorization: o.Token, TLSTimeout: 5,
	}
	if o.Cert != "" || o.Key != "" {
		if so.TLSConfig, err = tlsConfig(o); err != nil {
			return nil, err
		}
		so.TLS, so.TLSVerify = true, o.CA != ""
	}
	if o.Cluster != "" {
		err = o.cluster(so)
	}
	return so, err
}

// cluster adds the other servers. They let each other in by the same credentials, and talk TLS when clients do.
func (o ServerOptions) cluster(so *server.Options) error {
	host, port, err := address(o.ClusterAddr)
	if err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	if !loopback(host) && o.Password == "" && o.Token == "" {
		return fmt.Errorf("%w: cluster at %s", ErrOpen, o.ClusterAddr)
	}
	user, password := cmp.Or(o.User, "orfeas"), cmp.Or(o.Password, o.Token)
	so.Cluster = server.ClusterOpts{Name: o.Cluster, Host: host, Port: port, TLSConfig: so.TLSConfig, TLSTimeout: 5, NoAdvertise: false}
	if password != "" {
		so.Cluster.Username, so.Cluster.Password = user, password
	}
	for _, r := range o.Routes {
		if _, _, err := net.SplitHostPort(r); err != nil {
			return fmt.Errorf("route: %w", err)
		}
		u := &url.URL{Scheme: "nats-route", Host: r}
		if password != "" {
			u.User = url.UserPassword(user, password)
		}
		so.Routes = append(so.Routes, u)
	}
	return nil
}

func address(addr string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(p)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%q is not an address and a port, such as 127.0.0.1:4222", addr)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return cmp.Or(host, "0.0.0.0"), port, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

func tlsConfig(o ServerOptions) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if o.CA == "" {
		return c, nil
	}
	data, err := os.ReadFile(o.CA)
	if err != nil {
		return nil, fmt.Errorf("read the authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("read the authority: there is no certificate in %s", o.CA)
	}
	c.ClientCAs, c.RootCAs, c.ClientAuth = pool, pool, tls.RequireAndVerifyClientCert
	return c, nil
}

// Room is how many bytes the server may take on its disk.
func (s *Server) Room() int64 { return s.s.JetStreamConfig().MaxStore }

// serverLog passes on what is worth it and keeps the last fault. The server stops by itself at what it calls fatal.
type serverLog struct {
	say   func(string)
	fault atomic.Value
}

func (l *serverLog) tell(format string, v []any) {
	text := strings.TrimSpace(fmt.Sprintf(format, v...))
	l.fault.Store(text)
	if l.say != nil {
		l.say(text)
	}
}

func (l *serverLog) last() string {
	text, _ := l.fault.Load().(string)
	return text
}

func (l *serverLog) Fatalf(format string, v ...any) { l.tell(format, v) }
func (l *serverLog) Errorf(format string, v ...any) { l.tell(format, v) }
func (l *serverLog) Warnf(format string, v ...any)  { l.tell(format, v) }
func (l *serverLog) Noticef(string, ...any)         {}
func (l *serverLog) Debugf(string, ...any)          {}
func (l *serverLog) Tracef(string, ...any)          {}
