package web

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// policy lets the page use its own files, pictures it has just been given, and this server, and nothing else.
const policy = "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guard counts every request, keeps strangers out before anything is read, and survives a panic.
func (s *Server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w := &counted{ResponseWriter: out}
		done := s.metrics.begin(r)
		defer func() { done(w, r) }()
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				if s.options.Log != nil {
					s.options.Log.Printf("%s %s: %v\n%s", r.Method, r.URL.Path, p, debug.Stack())
				}
				if w.status == 0 {
					s.fail(w, r, refusal{status: http.StatusInternalServerError, problem: "the program has a fault"})
				}
			}
		}()
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		deadline(w, requestTime)
		if !knownHost(r.Host, s.options.Hosts) {
			s.fail(w, r, refusal{status: http.StatusMisdirectedRequest, problem: "this server is not known by that name", hint: "Start it with --host NAME for each name it is reached by."})
			return
		}
		if err := cross.Check(r); err != nil {
			s.fail(w, r, refusal{status: http.StatusForbidden, problem: "a page of another site may not do that"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knownHost reports whether a request's Host is one this server goes by. A name that an attacker had point here (DNS
// rebinding) is none; a plain address cannot be made to.
func knownHost(host string, names []string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	return name == "localhost" || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

const cookieName = "orfeas"

// admits reports whether a request carries the token, or the cookie it was changed for. Sums are compared in constant
// time, so that neither the token's bytes nor its length can be measured.
func (s *Server) admits(r *http.Request) bool {
	if s.options.Token == "" {
		return true
	}
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return same(given, s.options.Token)
	}
	c, err := r.Cookie(cookieName)
	return err == nil && same(c.Value, s.cookie())
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// cookie is what a browser keeps instead of the token: it dies with the token and does not give it away.
func (s *Server) cookie() string {
	m := hmac.New(sha256.New, []byte(s.options.Token))
	m.Write([]byte("orfeas session"))
	return hex.EncodeToString(m.Sum(nil))
}

// openSession gives a browser that sends the token its cookie.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request) error {
	if s.options.Token != "" {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !same(given, s.options.Token) {
			return refusal{status: http.StatusUnauthorized, problem: "that is not this server's token", hint: "It is the one 'orfeas serve' was started with."}
		}
		s.setCookie(w, r, s.cookie(), 30*24*time.Hour)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) closeSession(w http.ResponseWriter, r *http.Request) error {
	s.setCookie(w, r, "", -time.Second)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	})
}

// counted remembers an answer's status and size.
type counted struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counted) WriteHeader(code int) {
	if c.status == 0 || c.status < 200 {
		c.status = code
	}
	c.ResponseWriter.WriteHeader(code)
}

func (c *counted) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Hijack hands the connection over to a WebSocket.
func (c *counted) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c.status = http.StatusSwitchingProtocols
	return http.NewResponseController(c.ResponseWriter).Hijack()
}
