package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/farm"
)

const farmHelp = `orfeas farm server [--addr 127.0.0.1:4222] [--user NAME --password-file FILE] ...
orfeas farm worker --nats URL [--name NAME] [--slots N] [--engines A,B]
orfeas farm status --nats URL [--watch] [--json]
orfeas farm setup  --nats URL [--replicas N] [--pictures GB] [--meshes GB]

Machines that do jobs together, through NATS JetStream. One runs the server (or there is a
NATS already), every one that is to work a worker; 'orfeas convert', 'orfeas serve' and
'orfeas jobs run' give them jobs with --farm URL, the window with ORFEAS_FARM=URL.

  server   keep the line and the files; needs nothing but this program
    --addr A:P           where it listens; other machines need more than 127.0.0.1, and
                         that needs a user or a token
    --dir DIR            where its files lie (farm-server in your data folder)
    --room GB            how much of the disk it may take (a tenth less than is free)
    --user NAME --password-file FILE, or --token-file FILE
                         what everyone has to show; also ORFEAS_FARM_PASSWORD or
                         ORFEAS_FARM_TOKEN
    --tls-cert F --tls-key F, --tls-ca F
                         talk TLS; with an authority, clients need a certificate of it
    --cluster NAME --cluster-addr A:P --route HOST:PORT ... --name NAME
                         one of three or five servers that stand in for each other
  worker   take jobs that this machine can do, and do them
    --name NAME          what it is called in the farm (the machine's name)
    --slots N            jobs at once, each in another stage (3)
    --engines A,B        take only jobs of these engines
  status   say which workers there are, what waits, and how fast it goes
  setup    make the streams and stores in a NATS of yours, in another size or number of
           copies than they get by themselves

  --nats URL             nats://HOST:4222 or tls://..., several behind commas; a user and
                         password go in front of the host. Also ORFEAS_FARM
  --creds FILE           of NATS; also ORFEAS_FARM_CREDS
  --ca FILE              the authority of the server's certificate; also ORFEAS_FARM_CA
  --cert FILE --key FILE what the server may ask for; also ORFEAS_FARM_CERT and _KEY

docs/farm.md says how to go from one machine to three. Exit code: 0 all went well or
stopped, 1 something failed, 2 wrong command line.
`

// farmFlags are what the verbs are told.
type farmFlags struct {
	access         farm.Options
	server         farm.ServerOptions
	name           string
	slots          int
	engines        []string
	passwordFile   string
	tokenFile      string
	room           float64
	pictures, mesh float64
	watch, json    bool
}

func (o *farmFlags) add(f *flags) {
	f.StringVar(&o.access.URL, "nats", "", "")
	f.StringVar(&o.access.URL, "farm", "", "")
	f.StringVar(&o.access.Creds, "creds", "", "")
	f.StringVar(&o.access.CA, "ca", "", "")
	f.StringVar(&o.access.Cert, "cert", "", "")
	f.StringVar(&o.access.Key, "key", "", "")
	f.IntVar(&o.access.Replicas, "replicas", 0, "")
	f.Float64Var(&o.pictures, "pictures", 0, "")
	f.Float64Var(&o.mesh, "meshes", 0, "")
	f.StringVar(&o.server.Addr, "addr", "127.0.0.1:4222", "")
	f.StringVar(&o.server.Dir, "dir", "", "")
	f.Float64Var(&o.room, "room", 0, "")
	f.StringVar(&o.server.User, "user", "", "")
	f.StringVar(&o.passwordFile, "password-file", "", "")
	f.StringVar(&o.tokenFile, "token-file", "", "")
	f.StringVar(&o.server.Cert, "tls-cert", "", "")
	f.StringVar(&o.server.Key, "tls-key", "", "")
	f.StringVar(&o.server.CA, "tls-ca", "", "")
	f.StringVar(&o.server.Cluster, "cluster", "", "")
	f.StringVar(&o.server.ClusterAddr, "cluster-addr", "", "")
	f.Func("route", "", func(s string) error { o.server.Routes = append(o.server.Routes, s); return nil })
	f.StringVar(&o.name, "name", "", "")
	f.IntVar(&o.slots, "slots", 3, "")
	f.Func("engines", "", o.take)
	f.BoolVar(&o.watch, "watch", false, "")
	f.BoolVar(&o.json, "json", false, "")
}

// take adds engines to those whose jobs are taken.
func (o *farmFlags) take(names string) error {
	for _, name := range strings.Split(names, ",") {
		if _, err := engine.ByName(name); err != nil {
			return err
		}
		o.engines = append(o.engines, name)
	}
	return nil
}

// settle checks what was given and completes it.
func (o *farmFlags) settle(verb string) (err error) {
	const gb = 1 << 30
	o.server.Store, o.access.PictureBytes, o.access.ResultBytes = int64(o.room*gb), int64(o.pictures*gb), int64(o.mesh*gb)
	o.access = o.access.Environment()
	if verb != "server" && o.access.URL == "" {
		return errors.New("say which farm with --nats URL, or set ORFEAS_FARM")
	}
	if o.slots < 1 || o.room < 0 || o.pictures < 0 || o.mesh < 0 || o.access.Replicas < 0 {
		return errors.New("there cannot be less than one slot, or less than no room or copies")
	}
	if o.name == "" {
		if o.name, err = os.Hostname(); err != nil {
			return fmt.Errorf("give the worker a name with --name: %w", err)
		}
	}
	o.server.Name = o.name
	o.server.Password, o.server.Token = os.Getenv("ORFEAS_FARM_PASSWORD"), os.Getenv("ORFEAS_FARM_TOKEN")
	for path, to := range map[string]*string{o.passwordFile: &o.server.Password, o.tokenFile: &o.server.Token} {
		if path == "" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		*to = strings.TrimSpace(string(data))
	}
	return nil
}

// farmFlagsOf says which flags the verbs have a use for.
var farmFlagsOf = map[string]string{
	"server": "addr dir room user password-file token-file tls-cert tls-key tls-ca cluster cluster-addr route name replicas pictures meshes",
	"worker": "nats farm creds ca cert key name slots engines replicas pictures meshes",
	"status": "nats farm creds ca cert key watch json",
	"setup":  "nats farm creds ca cert key replicas pictures meshes",
}

func farmCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("farm")
	var o farmFlags
	o.add(f)
	if code, ok := f.parse(t, farmHelp, args); !ok {
		return code
	}
	verbs := map[string]func(context.Context, Terminal, farmFlags) error{"server": farmServer, "worker": farmWorker, "status": farmStatus, "setup": farmSetup}
	err := errors.New("farm is followed by server, worker, status or setup; see 'orfeas farm --help'")
	if len(f.words) == 1 && verbs[f.words[0]] != nil {
		verb := f.words[0]
		err = f.fit(verb, func(flag string) bool { return slices.Contains(strings.Fields(farmFlagsOf[verb]), flag) })
		if err == nil {
			err = o.settle(verb)
		}
	}
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	if err := verbs[f.words[0]](ctx, t, o); err != nil {
		complain(t, "", err)
		return ExitFailed
	}
	return ExitOK
}

// Farm connects to the farm at a URL, or the one that the environment names; nil for none. It need not answer yet.
func Farm(t Terminal, url string) (*farm.Farm, error) {
	o := farm.Options{URL: url, Patient: true, Log: logTo(t.Err)}.Environment()
	if o.URL == "" {
		return nil, nil
	}
	return farm.Open(o)
}

// logTo prints what happens, with the time.
func logTo(w io.Writer) func(string) {
	return func(text string) { fmt.Fprintf(w, "%s %s\n", time.Now().Format(time.DateTime), text) }
}

func farmServer(ctx context.Context, t Terminal, o farmFlags) error {
	if o.server.Dir == "" {
		dir, err := pipeline.DataDir()
		if err != nil {
			return err
		}
		o.server.Dir = filepath.Join(dir, "farm-server")
	}
	if err := os.MkdirAll(o.server.Dir, 0o700); err != nil {
		return err
	}
	o.server.Log = logTo(t.Err)
	s, err := farm.Serve(o.server)
	if err != nil {
		return err
	}
	defer s.Stop()
	f, err := s.Farm(o.access.Within(s.Room()))
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintf(t.Out, "The farm's server is at %s; its files are in %s.\n", s.URL(), o.server.Dir)
	if err := setUp(ctx, t, f, o.server); err != nil {
		return err
	}
	if ctx.Err() == nil {
		fmt.Fprintln(t.Out, "It is ready. On a machine that is to work:  orfeas farm worker --nats URL")
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.Ended():
		return errors.New("the server has ended by itself")
	}
}

// setUpTries is how often a server that is alone tries to make what it needs, a second apart.
const setUpTries = 5

// setUp makes what the server needs, as soon as it can, and logs why it cannot. One of a cluster waits for the others, one
// that is alone gives up. It returns nil when ctx is done.
func setUp(ctx context.Context, t Terminal, f *farm.Farm, o farm.ServerOptions) error {
	said := ""
	for try := 1; ; try++ {
		err := f.SetUp(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
			return nil
		case o.Cluster == "" && try == setUpTries:
			return err
		case try == 1 && o.Cluster != "":
			fmt.Fprintln(t.Out, "It waits for the other servers.")
		}
		if err.Error() != said {
			said = err.Error()
			o.Log("not ready: " + said)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func farmWorker(ctx context.Context, t Terminal, o farmFlags) error {
	dir, err := pipeline.DataDir()
	if err != nil {
		return err
	}
	o.access.Name, o.access.Patient, o.access.Log = "worker "+o.name, true, logTo(t.Err)
	f, err := farm.Open(o.access)
	if err != nil {
		return err
	}
	defer f.Close()
	scratch := filepath.Join(dir, "farm-worker", filepath.Base(o.name))
	queue, end := context.WithCancel(context.WithoutCancel(ctx))
	h := pipeline.HistoryIn(dir)
	q := pipeline.Open(queue, filepath.Join(scratch, "jobs"), pipeline.Options{Worker: pipeline.Self("worker"), Abreast: o.slots, History: &h})
	defer q.Wait()
	defer end()
	if s := q.Status(); s.Watches {
		return fmt.Errorf("there is a worker of the name %s on this machine (%s); give this one another with --name", o.name, s.Problem)
	}
	for _, j := range q.Jobs() { // of a worker that was killed; the farm gives them to others
		if err := q.Remove(j.ID); err != nil {
			return err
		}
	}
	if err := farm.Sweep(scratch); err != nil {
		return err
	}
	limit, err := pipeline.MemoryLimit()
	if err != nil {
		return err
	}
	probe := gpu.Visible(gpu.NVML())
	machine := pipeline.Machine{Probe: probe, History: &h, Limit: limit}
	w := farm.Worker{Farm: f, Name: o.name, Run: q.Run, Slots: o.slots, Engines: o.engines, Scratch: scratch, Probe: probe, Fits: machine.Fits}
	can := pipeline.Able()
	if len(w.Engines) > 0 {
		can.Engines = slices.DeleteFunc(can.Engines, func(e string) bool { return !slices.Contains(w.Engines, e) })
	}
	if len(can.Engines) == 0 {
		fmt.Fprintln(t.Err, "orfeas: note: this machine lacks the weights of all these engines; see 'orfeas models'")
	}
	fmt.Fprintf(t.Out, "Worker %s takes jobs of %s.\n", w.Name, strings.Join(can.Engines, ", "))
	return w.Work(ctx)
}

func farmSetup(ctx context.Context, t Terminal, o farmFlags) error {
	f, err := farm.Open(o.access)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.SetUp(ctx); err != nil {
		return err
	}
	s, err := f.Status(ctx)
	if err == nil {
		sayStores(t.Out, s)
	}
	return err
}

func farmStatus(ctx context.Context, t Terminal, o farmFlags) error {
	f, err := farm.Open(o.access)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		s, err := f.Status(ctx)
		if o.watch && ctx.Err() != nil {
			return nil
		}
		if err != nil && !o.watch {
			return err
		}
		var letters []farm.Letter
		if err == nil {
			letters, err = f.Letters(ctx, 5)
		}
		if o.watch && t.Live && !o.json {
			fmt.Fprint(t.Out, "\x1b[H\x1b[2J")
		}
		switch {
		case err != nil:
			complain(t, "", err)
		case o.json:
			line, err := json.Marshal(struct {
				farm.Status
				Letters []farm.Letter `json:"letters"`
			}{s, letters})
			if err != nil {
				return err
			}
			fmt.Fprintf(t.Out, "%s\n", line)
		default:
			sayFarm(t.Out, s, letters)
		}
		if !o.watch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
	}
}

// sayFarm says for people how a farm is.
func sayFarm(w io.Writer, s farm.Status, letters []farm.Letter) {
	doing, slots := 0, 0
	for _, one := range s.Workers {
		doing, slots = doing+len(one.Doing), slots+one.Slots
	}
	fmt.Fprintf(w, "%d workers, %d of %d slots busy, %d jobs in the last minute\n", len(s.Workers), doing, slots, s.Minute())
	for _, one := range s.Workers {
		fmt.Fprintf(w, "\n%-24s %d of %d busy, %d done, %d failed, up %s\n", one.Name, len(one.Doing), one.Slots, one.Done, one.Failed, time.Since(one.Since).Round(time.Second))
		fmt.Fprintf(w, "  version %s: %s\n", one.Version, strings.Join(append(slices.Clone(one.Can.Engines), one.Can.Networks...), " "))
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(one.Machine.String(), "\n", "\n  "))
		if one.Problem != "" {
			fmt.Fprintf(w, "  problem: %s\n", one.Problem)
		}
	}
	if len(s.Line) > 0 {
		fmt.Fprintf(w, "\n%-40s waiting   doing  workers that can\n", "jobs")
	}
	for _, c := range s.Line {
		name := strings.Join(append([]string{c.Engine}, c.Networks...), " + ")
		fmt.Fprintf(w, "%-40s %7d %7d  %d\n", name+" ("+c.Version+")", c.Waiting, c.Doing, c.Workers)
		if c.Workers == 0 {
			fmt.Fprintf(w, "  nobody can do these: start a worker of version %s that has %s\n", c.Version, name)
		}
	}
	fmt.Fprintln(w)
	sayStores(w, s)
	if s.Dead > 0 {
		fmt.Fprintf(w, "\n%d jobs were given up; the last ones:\n", s.Dead)
	}
	for _, l := range letters {
		fmt.Fprintf(w, "  %.12s by %s: %s\n", l.ID, l.Worker, l.Reason)
	}
}

func sayStores(w io.Writer, s farm.Status) {
	for _, r := range s.Stores {
		limit := "no limit"
		if r.Limit > 0 {
			limit = fmt.Sprintf("of %.1f GB", float64(r.Limit)/(1<<30))
		}
		fmt.Fprintf(w, "%-10s %10.1f MB %s\n", r.Name, float64(r.Bytes)/(1<<20), limit)
	}
}
