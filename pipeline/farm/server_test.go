package farm

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline"
)

// TestServerIsClosed: what other machines can reach needs credentials, and they count.
func TestServerIsClosed(t *testing.T) {
	for what, o := range map[string]ServerOptions{
		"all addresses":       {Addr: "0.0.0.0:0"},
		"no address":          {Addr: ":0"},
		"a cluster's address": {Addr: "127.0.0.1:0", Cluster: "studio", ClusterAddr: "0.0.0.0:0"},
	} {
		o.Dir = t.TempDir()
		if _, err := Serve(o); !errors.Is(err, ErrOpen) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, o := range map[string]ServerOptions{
		"a short password":    {User: "us", Password: "short"},
		"a short token":       {Token: "short"},
		"a password for none": {Password: "long enough"},
		"no such certificate": {Cert: "nowhere.pem", Key: "nowhere.key"},
		"no address at all":   {Addr: "here"},
	} {
		o.Dir = t.TempDir()
		if s, err := Serve(o); err == nil {
			s.Stop()
			t.Errorf("%s was taken", what)
		}
	}
	s, err := Serve(ServerOptions{Addr: "127.0.0.1:0", Dir: t.TempDir(), User: "studio", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	at := strings.TrimPrefix(s.URL(), "nats://")
	for url, ok := range map[string]bool{"nats://" + at: false, "nats://studio:wrong@" + at: false, "nats://studio:correct%20horse@" + at: true} {
		f, err := Open(Options{URL: url, Patient: true})
		if (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
		if err == nil {
			f.Close()
		}
	}
}

// certified writes an authority and a certificate for 127.0.0.1 that it signed.
func certified(t *testing.T) (ca, cert, key string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sign := func(c, by *x509.Certificate, k, byKey *ecdsa.PrivateKey) []byte {
		data, err := x509.CreateCertificate(rand.Reader, c, by, &k.PublicKey, byKey)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	newKey := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "studio"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootKey := newKey()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	leafKey := newKey()
	ca = write("ca.pem", "CERTIFICATE", sign(root, root, rootKey, rootKey))
	cert = write("cert.pem", "CERTIFICATE", sign(leaf, root, leafKey, rootKey))
	raw, err := x509.MarshalECPrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	return ca, cert, write("key.pem", "EC PRIVATE KEY", raw)
}

// TestTLS: the farm talks TLS, and lets in who shows a certificate when it has an authority for those.
func TestTLS(t *testing.T) {
	ca, cert, key := certified(t)
	for _, mutual := range []bool{false, true} {
		so := ServerOptions{Addr: "127.0.0.1:0", Dir: t.TempDir(), Token: "correct horse", Cert: cert, Key: key}
		if mutual {
			so.CA = ca
		}
		s, err := Serve(so)
		if err != nil {
			t.Fatal(err)
		}
		inside, err := s.Farm(Options{}.Within(1 << 30))
		if err != nil {
			t.Fatal(err)
		}
		url := strings.Replace(s.URL(), "tls://", "tls://correct%20horse@", 1)
		for what, c := range map[string]struct {
			o  Options
			ok bool
		}{
			"unknown authority": {Options{URL: url}, false},
			"authority":         {Options{URL: url, CA: ca}, !mutual},
			"both":              {Options{URL: url, CA: ca, Cert: cert, Key: key}, true},
			"no token":          {Options{URL: s.URL(), CA: ca, Cert: cert, Key: key}, false},
		} {
			f, err := Open(c.o.Within(1 << 30))
			if (err == nil) != c.ok {
				t.Errorf("mutual %v, %s: %v", mutual, what, err)
			}
			if err == nil {
				if err := f.SetUp(t.Context()); err != nil {
					t.Errorf("mutual %v, %s: %v", mutual, what, err)
				}
				f.Close()
			}
		}
		inside.Close()
		s.Stop()
	}
}

// TestRestart: jobs outlive the server, and those who wait for them, and work, find it again.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	so := ServerOptions{Addr: free(t), Dir: t.TempDir(), Store: 1 << 30}
	s, err := Serve(so)
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, quick(s.URL()))
	q := queue(t, f.Run, 8)
	r := &fake{bytes: 1000, hold: make(chan struct{}), takes: time.Hour}
	o, missed := quick(s.URL()), make(chan string, 100)
	o.Log = func(line string) {
		if strings.Contains(line, ": deliver: ") {
			missed <- line
		}
	}
	works(t, o, "one", 2, r.run)
	for i := range 5 {
		added(t, q, dots(t, dir, fmt.Sprint(i), i), settings(0))
	}
	wait(t, "two are being done", func() bool { return r.runs.Load() == 2 })
	s.Stop()
	close(r.hold) // their ends find nobody
	<-missed
	if s, err = Serve(so); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	for _, j := range over(t, q, 5, nil) {
		if j.State != pipeline.Done {
			t.Errorf("%+v", j)
		}
	}
	empty(t, f, true)
}

// TestHostileBundles: only the files of a result are taken from an archive, and no harm is done by others.
func TestHostileBundles(t *testing.T) {
	for what, files := range map[string][]tar.Header{
		"another name":   {{Name: pipeline.MeshFile}, {Name: "job.json"}},
		"a path":         {{Name: "../" + pipeline.MeshFile}},
		"twice":          {{Name: pipeline.MeshFile}, {Name: pipeline.MeshFile}},
		"a link":         {{Name: pipeline.MeshFile, Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}},
		"no mesh":        {{Name: pipeline.CutoutFile}},
		"nothing":        {},
		"less than said": {{Name: pipeline.MeshFile, Size: 1 << 20}},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, h := range files {
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}
		_ = w.Flush()
		j := pipeline.Job{Folder: t.TempDir()}
		if err := unpack(context.Background(), &b, j); !errors.Is(err, errBundle) {
			t.Errorf("%s: %v", what, err)
		}
		left, _ := filepath.Glob(filepath.Join(j.Folder, "*"))
		for _, l := range left {
			if name := filepath.Base(l); name != pipeline.MeshFile && name != pipeline.CutoutFile {
				t.Errorf("%s: left %s", what, l)
			}
		}
	}
}

// TestBundles: a job's files go into an archive and come out of it, and what another attempt left where they come is gone.
func TestBundles(t *testing.T) {
	from, to := pipeline.Job{Folder: t.TempDir()}, pipeline.Job{Folder: t.TempDir()}
	for _, name := range pipeline.ResultFiles {
		if err := os.WriteFile(to.File(name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range pipeline.ResultFiles[:2] {
		if err := os.WriteFile(from.File(name), []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := pack(&b, from); err != nil {
		t.Fatal(err)
	}
	if err := unpack(t.Context(), &b, to); err != nil {
		t.Fatal(err)
	}
	for i, name := range pipeline.ResultFiles {
		data, err := os.ReadFile(to.File(name))
		if i < 2 && string(data) != "new" || i >= 2 && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}
