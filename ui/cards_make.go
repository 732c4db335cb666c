//go:build !headless

package ui

import (
	"context"
	"encoding/json"
	"errors"
	"image"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
	"orfeas/render"
)

// sketches are pictures of meshes by what they were made of. They are let go of all at once when there are many.
type sketches map[string]sketched

type sketched struct {
	img     image.Image
	problem string
}

const keptPreviews = 100 // 200 kB each

// show has the previews of a picture made, one after the other, and stops those of the last one. Without a picture the cards
// are empty.
func (c *cards) show(r cutResult) {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	if r.edited == nil || r.id != c.shown.id {
		for _, card := range c.all {
			card.say(nil, " ", faint)
		}
	}
	c.shown, c.best = r, ""
	c.explain("")
	if r.edited == nil {
		c.states()
		return
	}
	ctx, stop := context.WithCancel(c.studio.ctx)
	c.stop = stop
	wanted := map[string]pipeline.Settings{}
	for _, e := range engine.All {
		if s, err := c.studio.settings.of(e); err == nil {
			s.Edit = r.settings.Edit
			wanted[e.Name] = s
		}
	}
	c.choose(c.studio.settings.chosen().Name)
	c.states()
	go c.make(ctx, r, wanted)
}

// states says of the engines with networks how they stand.
func (c *cards) states() {
	for _, card := range c.all {
		if card.engine.Ready == nil {
			continue
		}
		switch err := card.engine.Missing(); {
		case err == nil:
			card.say(nil, tr("ready"), good)
		case errors.Is(err, weights.ErrAbsent):
			card.say(nil, tr("needs a download"), faint)
		default:
			card.say(nil, tr("not usable here"), faint)
		}
	}
}

// make runs beside Fyne's thread. The automatic choice comes first, then the engine it chose.
func (c *cards) make(ctx context.Context, r cutResult, wanted map[string]pipeline.Settings) {
	best, err := suggested(r)
	c.studio.do(func() {
		if ctx.Err() == nil {
			c.mark(best, err)
		}
	})
	order := []engine.Engine{}
	for _, e := range engine.All {
		if e.Name == best.Engine.Name {
			order = append([]engine.Engine{e}, order...)
		} else {
			order = append(order, e)
		}
	}
	for _, e := range order {
		s, ok := wanted[e.Name]
		if !ok || e.Name == engine.Auto || e.Ready != nil || ctx.Err() != nil {
			continue
		}
		got, ok := c.preview(ctx, r, s)
		if ctx.Err() != nil || !ok {
			return
		}
		auto := sketched{}
		if e.Name == best.Engine.Name {
			// The automatic choice has settings of its own.
			s.Options = best.Options
			auto, _ = c.preview(ctx, r, s)
		}
		c.studio.do(func() {
			if ctx.Err() == nil {
				c.put(e.Name, got)
				if e.Name == best.Engine.Name {
					c.put(engine.Auto, auto)
				}
			}
		})
	}
}

// suggested is the automatic choice for what was cut out.
func suggested(r cutResult) (engine.Suggestion, error) {
	if r.err != nil || r.cutout == nil || r.cutout.Matte == nil {
		return engine.Suggest(nil, r.err)
	}
	s, err := r.cutout.Subject(picture.CutOptions{})
	return engine.Suggest(s, err)
}

// mark says which engine the automatic choice takes, and why.
func (c *cards) mark(s engine.Suggestion, err error) {
	if err != nil {
		problem, _ := explained(err)
		c.explain(capital(problem) + ".")
		return
	}
	c.best = s.Engine.Name
	c.studio.picture.sides.explain()
	c.explain(tr("%s suits this picture, because %s.", told(s.Engine.Title), told(s.Why)))
}

// explain says a sentence under the cards; where it is cut off a tooltip has all of it.
func (c *cards) explain(s string) {
	c.why.SetText(s)
	c.why.SetToolTip(wrap(s, 60))
}

// put shows what came of one engine.
func (c *cards) put(name string, p sketched) {
	for _, card := range c.all {
		if card.engine.Name != name {
			continue
		}
		switch {
		case p.problem != "":
			card.say(nil, p.problem, faint)
		case name == engine.Auto:
			card.say(p.img, c.titleOf(c.best), good)
		case name == c.best:
			card.say(p.img, tr("suits it best"), good)
		default:
			card.say(p.img, " ", faint)
		}
	}
}

func (c *cards) titleOf(name string) string {
	e, err := engine.ByName(name)
	if err != nil {
		return ""
	}
	return told(e.Title)
}

// preview makes the picture of one engine's mesh, or takes it from those kept. ok is false when it was stopped.
func (c *cards) preview(ctx context.Context, r cutResult, s pipeline.Settings) (p sketched, ok bool) {
	key, err := json.Marshal(struct {
		ID string
		S  pipeline.Settings
	}{r.id, s})
	if err != nil {
		return sketched{problem: err.Error()}, true
	}
	c.studio.do(func() { p, ok = c.kept[string(key)] })
	if ok || ctx.Err() != nil {
		return p, ok
	}
	m, err := pipeline.Sketch(ctx, r.edited, r.cutout, s)
	if ctx.Err() != nil {
		return p, false
	}
	if err == nil {
		var img *image.NRGBA
		if img, err = render.Preview(m, 2*(cardWidth-8), 2*cardPicture); err == nil {
			p.img = img
		}
	}
	if err != nil {
		if p.problem = told(reason(err.Error())); errors.Is(err, picture.ErrNoSubject) {
			p.problem = tr("no subject")
		}
	}
	c.studio.do(func() {
		if len(c.kept) >= keptPreviews {
			c.kept = sketches{}
		}
		c.kept[string(key)] = p
	})
	return p, true
}
