package pipeline

import (
	"fmt"
	"slices"
)

// What is known of this program, measured on inflated meshes; docs/architecture.md has the numbers. The time of shape,
// postprocess and export goes with the triangles: a quarter of them takes about a third of it. 3MF takes twice as long to
// write and read back as STL, text STL half as long again, the others as long.
var slowFormats = map[string]string{
	"3mf":       "twice as long as stl, ply, obj or glb, which hold the same shape",
	"stl-ascii": "half as long again as stl, which holds the same",
}

// parting are the steps that find a subject before a background that is not plain.
var parting = []string{"looking for what stands out", "separating subject and background", "softening the edge"}

// many is how many faces it takes for their number to decide the time.
const many = 50_000

// waiting is how many cores a stage keeps busy that mostly waits.
const waiting = 0.7

// advise says what would make a stage of these jobs quicker: only what is true of them, and settings there are. The empty
// list is an answer too.
func advise(s StageProfile, done []Record) (out []string) {
	say := func(format string, values ...any) { out = append(out, fmt.Sprintf(format, values...)) }
	switch s.Name {
	case "preprocess":
		if part := shareOf(s, parting...); part > 0.5 {
			n := stepCount(s, parting[0])
			say("%d of %d pictures had their subject told from the background by its colours, %.0f %% of this stage; a picture whose background is transparent does without, and so does the setting to keep the background (--keep-background) where all of the picture is the subject", n, len(done), 100*part)
		}
		if part := shareOf(s, "reading the picture"); part > 0.5 {
			say("reading the pictures is %.0f %% of this stage; a subject is worked on at 1024 pixels at most, larger pictures only take longer to read", 100*part)
		}
	case "shape", "postprocess", "export":
		faces, triangles := medianOf(done, func(r Record) int { return r.Faces }), medianOf(done, func(r Record) int { return r.Triangles })
		if faces >= many && 2*triangles > faces {
			say("its time goes with the triangles, %d is the median; %d (Triangles, --faces) take about a third of it", triangles, faces/4)
		}
	}
	switch s.Name {
	case "postprocess":
		if part := shareOf(s, "decimating to"); part > 0.3 {
			say("%d meshes had more triangles than were asked for and were decimated, %.0f %% of this stage; more of them (Triangles, --faces) leave less to do here, and more in export", stepCount(s, "decimating to"), 100*part)
		}
		if n := stepCount(s, "making it solid"); n > 0 {
			say("%d of %d meshes had faults and were made solid; the notes of the conversion say which", n, len(done))
		}
	case "export":
		for _, name := range []string{"3mf", "stl-ascii"} {
			n := 0
			for _, r := range done {
				if slices.Contains(r.Formats, name) {
					n++
				}
			}
			if 10*n >= len(done) && n > 0 {
				say("%d of %d files were %s, which takes %s: STL does without", n, len(done), name, slowFormats[name])
			}
		}
		if part := shareOf(s, "drawing the preview"); part > 0.2 {
			say("drawing previews is %.0f %% of this stage: the queue shows one of every mesh, the terminal only with --preview and in 3MF files", 100*part)
		}
	}
	if s.Busy > 0 && s.Busy < waiting {
		say("it kept %.1f cores busy: it waited for the disk, or other programs took the processor", s.Busy)
	}
	return out
}

// shareOf is the share of a stage's time that some of its steps take.
func shareOf(s StageProfile, steps ...string) (share float64) {
	if s.Share == 0 {
		return 0
	}
	for _, t := range s.Steps {
		if slices.Contains(steps, t.Name) {
			share += t.Share / s.Share
		}
	}
	return share
}

// stepCount is how many jobs had a step.
func stepCount(s StageProfile, step string) int {
	for _, t := range s.Steps {
		if t.Name == step {
			return t.Seconds.Count
		}
	}
	return 0
}

func medianOf(records []Record, value func(Record) int) int {
	v := make([]int, len(records))
	for i, r := range records {
		v[i] = value(r)
	}
	slices.Sort(v)
	if len(v) == 0 {
		return 0
	}
	return v[len(v)/2]
}
