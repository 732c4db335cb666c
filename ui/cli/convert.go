package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/render"
)

const convertHelp = `orfeas convert PICTURE... [flags]

Turns every picture into a closed, printable mesh. Pictures are PNG, JPEG, WebP,
GIF, BMP, TIFF or HEIC; a transparent background is used as the cut-out, any other
is removed.

  -o FILE|DIR        where to; a folder, or a name whose extension sets the format
                     (default: beside the picture)
  --format NAME      stl, obj, ply, glb, 3mf or stl-ascii (default stl)
  --engine NAME      how the shape is made (default auto: the one that suits the
                     picture; the first that has them when settings are given)
  --preset NAME      settings of the engine that go well together
  --size N[UNIT]     size of the result in mm, or cm or in: 8cm, 3in (default 80);
                     --size-mm is the same
  --along SIDE       which side that is: longest, width, depth or height
                     (default longest)
  --faces N          triangles aimed at (default 200000)
  --cutout NAME      what cuts the subject out: colours, or a network: u2netp, u2net,
                     isnet or birefnet-lite (see 'orfeas models'; default the best
                     that is there)
  --keep-background  the whole picture is the subject
  --crop X,Y,W,H     only this part of the picture, in % of its width and height
                     from its top left corner: 10,0,80,100
  --rotate DEGREES   turn it clockwise by 90, 180 or 270, after it is cropped
  --flip             left for right, after it is turned
  --view SIDE=FILE   a picture of another side of the same object, left, back or right,
                     for its colours, and engines that look at them; left is the object's own left,
                     from where it looks to the left of the picture; --crop, --rotate and
                     --flip change that of the front only
  --texture KIND     vertices (their colours), 1k, 2k, 4k (an image for OBJ and GLB),
                     or none (default vertices)
  --unseen HOW       what the picture hides: auto, mirror (the front), continue (the
                     pattern at the rim), spread (the colours there) (default auto)
  --palette N        bring the colours down to 2 to 16 filaments (3MF)
  --preview FILE.png also draw a picture of the mesh
  --backlit FILE.png also draw what a lithophane shows with a light behind it
  --json             print one line of JSON per picture
  --farm URL         have it done by the workers of a farm, see 'orfeas farm'; also from
                     ORFEAS_FARM
`
const convertHelpEnd = `
Examples
  orfeas convert duck.png                              duck.stl beside it
  orfeas convert *.jpg -o meshes --format 3mf          a folder of 3MF files
  orfeas convert logo.png --back flat --thickness 0.3 -o logo.stl
  orfeas convert front.png --view back=back.png --engine hunyuan3d-2mv-turbo

Exit code: 0 all converted, 1 some failed (the others are there), 2 wrong command
line, 3 stopped.
`

type conversion struct {
	settings pipeline.Settings
	shots    []pipeline.Shot // of other sides of the one picture's object
	target   string
	format   export.Format
	preview  string
	backlit  string
	json     bool
	farm     string            // URL of one that does the work; empty to do it here
	history  *pipeline.History // nil when there is nowhere to keep one
	past     []pipeline.Record // what it held at the start, to predict by
}

func convert(ctx context.Context, t Terminal, args []string) int {
	c := conversion{settings: pipeline.Defaults()}
	f := newFlags("convert")
	var format string
	f.StringVar(&c.target, "o", "", "")
	f.StringVar(&format, "format", "", "")
	f.StringVar(&c.preview, "preview", "", "")
	f.StringVar(&c.backlit, "backlit", "", "")
	f.BoolVar(&c.json, "json", false, "")
	f.StringVar(&c.farm, "farm", os.Getenv("ORFEAS_FARM"), "")
	given := addSettings(f, &c.settings)
	if code, ok := f.parse(t, convertHelp+engineHelp()+convertHelpEnd, args); !ok {
		return code
	}
	err := given.settle(len(f.words))
	if c.shots = given.shots; err == nil {
		err = c.resolve(format, f.words)
	}
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	return c.all(ctx, t, f.words)
}

// resolve finds the format and checks that the target can hold what is asked for.
func (c *conversion) resolve(format string, pictures []string) (err error) {
	if len(pictures) == 0 {
		return errors.New("no picture given; see 'orfeas convert --help'")
	}
	folder := c.toFolder()
	switch {
	case format != "":
		c.format, err = export.ByName(format)
	case c.target != "" && !folder:
		c.format, err = export.ByPath(c.target)
	default:
		c.format = export.Formats[0]
	}
	if err != nil {
		return err
	}
	if len(pictures) > 1 && c.target != "" && !folder {
		return fmt.Errorf("%d pictures cannot become the one file %s; give a folder", len(pictures), c.target)
	}
	if len(pictures) > 1 && (c.preview != "" || c.backlit != "") {
		return errors.New("--preview and --backlit take one picture at a time")
	}
	if c.backlit != "" && c.settings.Engine != engine.Lithophane {
		return errors.New("--backlit goes with --engine lithophane")
	}
	if c.backlit != "" && c.farm != "" {
		return errors.New("--backlit is drawn while the work is done here, not with --farm")
	}
	return c.apart(pictures)
}

// apart checks that nothing is written over a picture or over something else that is written.
func (c *conversion) apart(pictures []string) error {
	read, written := slices.Clone(pictures), []string{c.preview, c.backlit}
	for _, s := range c.shots {
		read = append(read, s.Picture)
	}
	for _, out := range c.paths(pictures) {
		written = append(written, allOf(out, c.format)...)
	}
	return apart(read, written)
}

// toFolder reports whether the target is a folder: it is one, ends like one, or has no extension.
func (c *conversion) toFolder() bool {
	if info, err := os.Stat(c.target); err == nil {
		return info.IsDir()
	}
	return strings.HasSuffix(c.target, string(filepath.Separator)) || filepath.Ext(c.target) == ""
}

// paths names the output of every picture; equal names in one folder are numbered, also where only their case differs, for
// some file systems do not tell that.
func (c *conversion) paths(pictures []string) []string {
	out := make([]string, len(pictures))
	used := map[string]bool{}
	for i, p := range pictures {
		dir := filepath.Dir(p)
		if c.target != "" {
			if !c.toFolder() {
				return []string{c.target}
			}
			dir = c.target
		}
		name := filepath.Join(dir, pipeline.Title(p))
		out[i] = name + "." + c.format.Ext
		at := func() string { return strings.ToLower(whereabouts(out[i])) }
		for n := 2; used[at()]; n++ {
			out[i] = fmt.Sprintf("%s-%d.%s", name, n, c.format.Ext)
		}
		used[at()] = true
	}
	return out
}

func (c *conversion) all(ctx context.Context, t Terminal, pictures []string) int {
	if c.target != "" && c.toFolder() {
		if err := os.MkdirAll(c.target, 0o755); err != nil {
			complain(t, "", err)
			return ExitFailed
		}
	}
	if c.history = ownHistory(); c.history != nil {
		c.past, _, _ = c.history.Records() // what cannot be read cannot be learnt from; adding to it will say so
	}
	var failed []string
	told := func(picture string, err error) {
		if err == nil || ctx.Err() != nil {
			return
		}
		failed = append(failed, picture)
		if !c.json {
			complain(t, picture, err)
		}
	}
	do := c.here
	if c.farm != "" {
		do = c.elsewhere
	}
	if code := do(ctx, t, pictures, told); code != ExitOK {
		return code
	}
	if ctx.Err() != nil {
		fmt.Fprintln(t.Err, "orfeas: stopped")
		return ExitCancelled
	}
	if len(failed) > 0 {
		if len(pictures) > 1 {
			fmt.Fprintf(t.Err, "orfeas: %d of %d pictures failed: %s\n", len(failed), len(pictures), strings.Join(failed, ", "))
		}
		return ExitFailed
	}
	return ExitOK
}

// outcome is the line of JSON a picture gets.
type outcome struct {
	Picture     string               `json:"picture"`
	Output      string               `json:"output,omitempty"`
	Preview     string               `json:"preview,omitempty"`
	Problem     string               `json:"problem,omitempty"`
	Hint        string               `json:"hint,omitempty"`
	Seconds     float64              `json:"seconds"`
	Cutout      string               `json:"cutout,omitempty"`
	Certificate *mesh.Certificate    `json:"certificate,omitempty"` // of the file as read back
	Notes       []string             `json:"notes,omitempty"`
	Stages      []pipeline.StageInfo `json:"stages,omitempty"`
}

// lost says what was asked for that the format has no room for.
func (c *conversion) lost() (notes []string) {
	switch c.settings.Texture {
	case pipeline.Atlas1k, pipeline.Atlas2k, pipeline.Atlas4k:
		if c.format.Name != "obj" && c.format.Name != "glb" {
			notes = append(notes, c.format.Title+" has no room for a texture; OBJ and GLB do")
		}
	}
	if c.settings.Palette > 0 && c.format.Name != "3mf" {
		notes = append(notes, c.format.Title+" has no room for filaments; 3MF does")
	}
	return notes
}

// say prints what came of a picture; err is why nothing did, and is returned.
func (c *conversion) say(t Terminal, o outcome, err error) error {
	o.Notes = slices.Concat(o.Notes, c.lost())
	if c.json {
		if err != nil {
			o = outcome{Picture: o.Picture, Preview: o.Preview, Seconds: o.Seconds, Stages: o.Stages}
			o.Problem, o.Hint = explain(err)
		}
		line, jerr := json.Marshal(o)
		fmt.Fprintf(t.Out, "%s\n", line)
		return errors.Join(err, jerr)
	}
	if err == nil {
		fmt.Fprintf(t.Out, "%s: %s (%.1f s)\n", o.Output, facts(o.Certificate.Report), o.Seconds)
		fmt.Fprintf(t.Out, "  %s\n", o.Certificate)
		for _, n := range o.Notes {
			fmt.Fprintf(t.Out, "  note: %s\n", n)
		}
	}
	return err
}

// remember adds to the history that 'orfeas profile' shows. That it cannot is said once and is no reason to fail.
func (c *conversion) remember(t Terminal, r pipeline.Record) {
	if c.history == nil {
		return
	}
	if err := c.history.Add(r); err != nil {
		fmt.Fprintf(t.Err, "orfeas: note: %v\n", err)
		c.history = nil
	}
}

// facts says in one line what a mesh is.
func facts(r mesh.Report) string {
	s := r.Size()
	state := "closed solid"
	if !r.Clean() {
		state = "NOT a clean solid"
	}
	return fmt.Sprintf("%.1f x %.1f x %.1f mm, %.1f cm³, %d triangles, %s", s[0], s[1], s[2], r.Volume/1000, r.Triangles, state)
}

func preview(m *mesh.Mesh) ([]byte, error) {
	img, err := render.Preview(m, 512, 512)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

func savePreview(ctx context.Context, path string, m *mesh.Mesh) error {
	img, err := render.Preview(m, 512, 512)
	if err != nil {
		return fmt.Errorf("draw preview: %w", err)
	}
	return savePNG(ctx, path, img)
}

func savePNG(ctx context.Context, path string, img image.Image) error {
	return export.WriteFile(ctx, path, func(w io.Writer) error { return png.Encode(w, img) })
}
