package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// settingsBytes is how large the settings of an upload may be.
const settingsBytes = 64 << 10

// uploadsMost is how many uploads may be on their way at once.
const uploadsMost = 32

// upload is what one request brought.
type upload struct {
	settings pipeline.Settings
	pictures []received
	shots    []received // of other sides of the object in the one picture
	sum      hash.Hash  // of all of it, by which a repetition is told
}

// received is a picture on its way into the queue.
type received struct {
	name string // as the client calls it; only shown
	path string // ours
	side picture.Side
}

// addJobs puts the pictures of a form in the queue, all with the same settings. A picture that is there with the same
// settings is not done again unless ?again=true.
func (s *Server) addJobs(w http.ResponseWriter, r *http.Request) error {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 200 {
		return refusal{status: http.StatusBadRequest, problem: "the Idempotency-Key is longer than 200 letters"}
	}
	again := r.URL.Query().Get("again") == "true"
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		return refusal{status: http.StatusTooManyRequests, problem: fmt.Sprintf("%d uploads are on their way already", cap(s.uploads)), hint: "Send it again in a moment.", again: time.Second}
	}
	u, err := s.receive(w, r)
	defer u.discard()
	if err != nil {
		return err
	}
	fmt.Fprint(u.sum, again)
	known, all, err := s.replays.begin(key, hex.EncodeToString(u.sum.Sum(nil)))
	if err != nil {
		return err
	}
	p := s.added(known)
	if all {
		w.Header().Set("Idempotency-Replayed", "true")
		return reply(w, r, http.StatusCreated, p)
	}
	jobs, err := s.enter(u, len(known), again)
	s.replays.end(key, jobs, err)
	p.Jobs = append(p.Jobs, jobs...)
	p.Total = len(p.Jobs)
	if err != nil && p.Total > 0 {
		return partial{err, p.Jobs}
	}
	if err != nil {
		return err
	}
	if p.Total == 1 {
		w.Header().Set("Location", "/api/jobs/"+p.Jobs[0].ID)
	}
	return reply(w, r, http.StatusCreated, p)
}

// enter adds an upload's pictures to the queue, those after the first. The jobs that were added are returned with an error too.
func (s *Server) enter(u upload, first int, again bool) (jobs []pipeline.Job, err error) {
	rest := u.pictures[first:]
	free, err := s.room.take(s, len(rest))
	if err != nil {
		return nil, err
	}
	defer free()
	var shots []pipeline.Shot
	for _, p := range u.shots {
		shots = append(shots, pipeline.Shot{Side: p.side, Picture: p.name, Path: p.path})
	}
	for _, p := range rest {
		j, err := s.queue.AddUpload(p.path, p.name, u.settings, again, shots...)
		if err != nil {
			return jobs, fmt.Errorf("%s: %w", p.name, err)
		}
		jobs = append(jobs, shown(j))
	}
	return jobs, nil
}

// added is what there still is of the jobs an upload made.
func (s *Server) added(ids []string) page {
	p := page{Jobs: []pipeline.Job{}}
	for _, id := range ids {
		if j, ok := s.find(id); ok {
			p.Jobs = append(p.Jobs, shown(j))
		}
	}
	p.Total = len(p.Jobs)
	return p
}

// receive reads a form of pictures and settings within the limits. What has come must be discarded, also after an error.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (upload, error) {
	u := upload{settings: pipeline.Defaults(), sum: sha256.New()}
	free, err := s.room.take(s, 1) // no upload is read that nobody has room for, and none takes another's room meanwhile
	if err != nil {
		return u, err
	}
	defer free()
	r.Body = http.MaxBytesReader(w, r.Body, s.options.UploadBytes)
	form, err := r.MultipartReader()
	if err != nil {
		return u, refusal{status: http.StatusUnsupportedMediaType, problem: "pictures come as a form, multipart/form-data", hint: "curl -F picture=@photo.jpg does that."}
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return u, unreadable(err)
		}
		switch field := part.FormName(); {
		case field == "picture":
			if len(u.pictures) == s.options.Pictures {
				return u, refusal{status: http.StatusRequestEntityTooLarge, problem: fmt.Sprintf("there are more than %d pictures in the form", s.options.Pictures), hint: "Send the others after these."}
			}
			err = s.receivePicture(&u, &u.pictures, part, picture.Front)
		case slices.Contains(picture.OtherSides, picture.Side(field)):
			if slices.ContainsFunc(u.shots, func(p received) bool { return string(p.side) == field }) {
				return u, refusal{status: http.StatusBadRequest, problem: fmt.Sprintf("there are two pictures of the %s in the form", field)}
			}
			err = s.receivePicture(&u, &u.shots, part, picture.Side(field))
		case field == "settings":
			err = u.receiveSettings(part)
		default:
			err = refusal{status: http.StatusBadRequest, problem: fmt.Sprintf("there is no field %.40q", field), hint: "The fields are picture, as often as you like, settings, and left, back and right for other sides of what is in one picture."}
		}
		if err != nil {
			return u, err
		}
	}
	if len(u.pictures) == 0 {
		return u, refusal{status: http.StatusBadRequest, problem: "there is no picture in the form", hint: "Its field is called picture and has a file name."}
	}
	if len(u.shots) > 0 && len(u.pictures) > 1 {
		return u, refusal{status: http.StatusBadRequest, problem: fmt.Sprintf("there are %d pictures in the form, and one of the %s", len(u.pictures), u.shots[0].side), hint: "Pictures of other sides go with one picture. Send each object in a form of its own."}
	}
	return u, u.settings.Check()
}

// receivePicture takes one picture to the disk, under a name of our own, and looks whether it is one. It comes last in all
// of its kind.
func (s *Server) receivePicture(u *upload, all *[]received, part *multipart.Part, side picture.Side) error {
	f, err := os.CreateTemp(s.temp, "upload-*")
	if err != nil {
		return fmt.Errorf("receive a picture: %w", err)
	}
	defer f.Close()
	p := received{shownName(part.FileName()), f.Name(), side}
	called := p.name
	if side != picture.Front { // several may have the same name
		called = fmt.Sprintf("the %s: %s", side, p.name)
	}
	*all = append(*all, p)
	fmt.Fprintf(u.sum, "%s %q\n", side, p.name)
	most := s.options.Limits.Bytes
	n, err := io.Copy(io.MultiWriter(f, u.sum), io.LimitReader(part, most+1))
	if err != nil {
		return unreadable(err)
	}
	if n > most {
		return fmt.Errorf("%s: %w: its file has more than %d MiB", called, picture.ErrTooLarge, most>>20)
	}
	kind, err := s.look(f, n)
	if err != nil {
		return fmt.Errorf("%s: %w", called, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("receive a picture: %w", err)
	}
	// The copy in the job's folder is to open by a double click, whatever the client called it.
	(*all)[len(*all)-1].path += "." + strings.ToLower(kind)
	return os.Rename(p.path, p.path+"."+strings.ToLower(kind))
}

// look tells what kind of picture a file of n bytes holds by its content. Few are looked at at once, since one is read
// whole for that.
func (s *Server) look(f *os.File, n int64) (kind string, err error) {
	s.checks <- struct{}{}
	defer func() { <-s.checks }()
	data, err := io.ReadAll(io.NewSectionReader(f, 0, n))
	if err != nil {
		return "", fmt.Errorf("read the upload: %w", err)
	}
	kind, _, _, err = picture.Peek(data, s.options.Limits)
	return kind, err
}

// receiveSettings reads settings over the defaults; a name that is not known is an error.
func (u *upload) receiveSettings(part *multipart.Part) error {
	data, err := io.ReadAll(io.LimitReader(part, settingsBytes+1))
	if err != nil {
		return unreadable(err)
	}
	if len(data) > settingsBytes {
		return refusal{status: http.StatusRequestEntityTooLarge, problem: fmt.Sprintf("the settings are larger than %d KiB", settingsBytes>>10)}
	}
	fmt.Fprintf(u.sum, "settings %q\n", data)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&u.settings); err != nil {
		return fmt.Errorf("%w: they are not JSON as it should be: %w", pipeline.ErrSettings, err)
	}
	if d.More() {
		return fmt.Errorf("%w: something follows the JSON", pipeline.ErrSettings)
	}
	return nil
}

// discard deletes what the queue has its own copy of by now.
func (u upload) discard() {
	for _, p := range slices.Concat(u.pictures, u.shots) {
		os.Remove(p.path)
	}
}

// unreadable says that the form broke off, unless it was our limit or our disk that stopped it.
func unreadable(err error) error {
	var large *http.MaxBytesError
	var file *os.PathError
	if errors.As(err, &large) || errors.As(err, &file) {
		return err
	}
	return refusal{status: http.StatusBadRequest, problem: "the upload broke off, or is not a form", hint: "Send it again."}
}

// shownName is a client's file name without folders and without letters that move the cursor or turn the writing around.
func shownName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, " .")
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:120])
	}
	if name == "" {
		return "picture"
	}
	return name
}
