package web

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/farm"
	"orfeas/pipeline/weights"
)

const help = `orfeas serve [--addr 127.0.0.1:7860] [--token TOKEN | --token-file FILE] [--host NAME]...

Serves a page for browsers, an API for programs and metrics for Prometheus, over the same
queue as the window and 'orfeas jobs'. Nothing leaves this machine unless you say so.

  --addr A:P       where to listen; port 0 takes a free one. Any address but this machine's
                   own (127.0.0.1, ::1, localhost) needs a token.
  --token T        what clients have to send; also from ORFEAS_TOKEN, where other users of
                   the machine do not see it
  --token-file F   the same, from a file
  --host NAME      a name the server is reached by, such as that of a proxy; repeat it for
                   more. Addresses and localhost are always known.
  --max-waiting N  jobs that may wait before more are refused (1000)
  --farm URL       have the jobs done by the workers of a farm, see 'orfeas farm'; also from
                   ORFEAS_FARM
  --check A:P      serve nothing; ask the server at that address whether it is well

Try:  curl -F picture=@photo.jpg http://127.0.0.1:7860/api/jobs
Ctrl-C stops it; jobs that run are handed back to the queue and start again next time.
Exit code: 0 stopped, 1 something failed, 2 wrong command line.
`

// ErrToken says that an address other machines can reach was asked for without a token.
var ErrToken = errors.New("an address other machines can reach needs a token")

// opener opens the queue to be served. Its jobs are done here, or by the runner if that is not nil.
type opener func(ctx context.Context, away pipeline.Runner) (*pipeline.Queue, error)

// Run is 'orfeas serve': it serves the queue that open opens until ctx is done and returns the exit code.
func Run(ctx context.Context, out, complaints io.Writer, args []string, open opener) int {
	o := Options{Token: os.Getenv("ORFEAS_TOKEN"), Probe: gpu.NVML(), Log: log.New(complaints, "orfeas: ", 0)}
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	addr := f.String("addr", "127.0.0.1:7860", "")
	f.StringVar(&o.Token, "token", o.Token, "")
	file := f.String("token-file", "", "")
	f.Func("host", "", func(s string) error { o.Hosts = append(o.Hosts, s); return nil })
	f.IntVar(&o.Waiting, "max-waiting", 1000, "")
	check, url := f.String("check", "", ""), f.String("farm", "", "")
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, help)
		return 0
	}
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("serve takes no %q", f.Arg(0))
	}
	if err == nil && o.Waiting < 1 {
		err = errors.New("--max-waiting must be 1 or more")
	}
	if err == nil && *file != "" {
		o.Token, err = tokenFrom(*file)
	}
	if err == nil && *check != "" {
		return probe(ctx, out, complaints, *check)
	}
	if err == nil {
		err = checkAddr(*addr, o.Token)
	}
	if err != nil {
		fmt.Fprintf(complaints, "orfeas: %v\nSee 'orfeas serve --help'.\n", err)
		return 2
	}
	at := farm.Options{URL: *url, Name: "serve", Patient: true, Log: func(text string) { o.Log.Print(text) }}.Environment()
	if at.URL != "" {
		if o.Farm, err = farm.Open(at); err == nil {
			defer o.Farm.Close()
		}
	}
	if err == nil {
		err = serve(ctx, out, *addr, o, open)
	}
	if err != nil {
		problem, hint := pipeline.Explain(err)
		fmt.Fprintf(complaints, "orfeas: %s\n", strings.TrimSpace(problem+"\n        "+hint))
		return 1
	}
	return 0
}

// serve opens the address, then the queue, and closes them in the other order: no request meets a queue that is gone.
func serve(ctx context.Context, out io.Writer, addr string, o Options, open opener) (err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer l.Close()
	o.find()
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var away pipeline.Runner
	if o.Farm != nil {
		away = o.Farm.Run
	}
	q, err := open(working, away)
	if err != nil {
		return err
	}
	defer q.Wait()
	defer stop()
	s, err := New(q, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	fmt.Fprintf(out, "ORFEAS Studio is at http://%s/\n", l.Addr())
	if o.Token != "" {
		fmt.Fprintln(out, "It asks for its token.")
	}
	if status := q.Status(); status.Problem != "" {
		fmt.Fprintf(out, "%s. %s\n", status.Problem, status.Hint)
	}
	return s.Serve(ctx, l)
}

// find looks for the user's networks and history.
func (o *Options) find() {
	if dir, err := weights.DefaultDir(); err == nil {
		o.Library = &weights.Library{Dir: dir}
	}
	if dir, err := pipeline.DataDir(); err == nil {
		h := pipeline.HistoryIn(dir)
		o.History = &h
	}
}

// Share serves a queue that is open already, until ctx is done. The address is as for 'orfeas serve'; ready is told where it
// listens.
func Share(ctx context.Context, q *pipeline.Queue, addr string, o Options, ready func(net.Addr)) (err error) {
	if err := checkAddr(addr, o.Token); err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer l.Close()
	o.find()
	s, err := New(q, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ready(l.Addr())
	return s.Serve(ctx, l)
}

// probe asks a server whether it is well, for containers that have nothing else to ask with.
func probe(ctx context.Context, out, complaints io.Writer, addr string) int {
	ctx, done := context.WithTimeout(ctx, 4*time.Second)
	defer done()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	var resp *http.Response
	if err == nil {
		resp, err = http.DefaultClient.Do(r)
	}
	if err != nil {
		fmt.Fprintf(complaints, "orfeas: %v\n", err)
		return 1
	}
	defer resp.Body.Close()
	_, _ = io.Copy(out, io.LimitReader(resp.Body, 4096)) // only for people to read
	if resp.StatusCode != http.StatusOK {
		return 1
	}
	return 0
}

// checkAddr lets only a server with a token be reached from other machines.
func checkAddr(addr, token string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("--addr is an address and a port, such as 127.0.0.1:7860: %w", err)
	}
	ip, err := netip.ParseAddr(host)
	local := host == "localhost" || err == nil && ip.Unmap().IsLoopback()
	if !local && token == "" {
		return fmt.Errorf("%w: give one with --token-file or ORFEAS_TOKEN", ErrToken)
	}
	if token != "" && len(token) < 8 {
		return errors.New("the token is too short to keep anyone out: 8 letters or more")
	}
	return nil
}

// tokenFrom reads a token from a file, without the newline editors leave.
func tokenFrom(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" {
		return "", fmt.Errorf("read the token: %s is empty", path)
	}
	return token, nil
}
