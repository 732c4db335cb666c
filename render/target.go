//go:build !headless

package render

import (
	"fmt"
	"image"
	"unsafe"

	"github.com/go-gl/gl/v3.3-core/gl"
)

// target is what is drawn into: a multisampled framebuffer and a plain one it is resolved to. g3n has no framebuffers of
// its own, so these calls go to OpenGL directly.
type target struct {
	w, h, samples int
	plain, multi  framebuffer
	wash          uint32 // framebuffer over plain's colours alone, to draw there from its depths
}

// framebuffer's depths are a texture when it has no samples, else a renderbuffer.
type framebuffer struct{ id, color, depth uint32 }

func (t *target) resize(w, h, samples int) error {
	samples = t.affordable(w, h, samples)
	if w == t.w && h == t.h && samples == t.samples {
		return nil
	}
	t.release()
	var err error
	if t.plain, err = newFramebuffer(w, h, 0); err != nil {
		return err
	}
	if samples > 0 {
		if t.multi, err = newFramebuffer(w, h, samples); err != nil {
			return err
		}
	}
	gl.GenFramebuffers(1, &t.wash)
	gl.BindFramebuffer(gl.FRAMEBUFFER, t.wash)
	gl.FramebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, t.plain.color)
	t.w, t.h, t.samples = w, h, samples
	return nil
}

// affordable bounds the samples by what the driver can and by memory: 64 million take half a gigabyte.
func (t *target) affordable(w, h, samples int) int {
	var most int32
	gl.GetIntegerv(gl.MAX_SAMPLES, &most)
	samples = min(samples, int(most), 64<<20/(w*h))
	if samples < 2 {
		return 0
	}
	return samples
}

func newFramebuffer(w, h, samples int) (framebuffer, error) {
	var f framebuffer
	gl.GenFramebuffers(1, &f.id)
	gl.BindFramebuffer(gl.FRAMEBUFFER, f.id)
	attach := func(id *uint32, format, point uint32) {
		gl.GenRenderbuffers(1, id)
		gl.BindRenderbuffer(gl.RENDERBUFFER, *id)
		gl.RenderbufferStorageMultisample(gl.RENDERBUFFER, int32(samples), format, int32(w), int32(h))
		gl.FramebufferRenderbuffer(gl.FRAMEBUFFER, point, gl.RENDERBUFFER, *id)
	}
	attach(&f.color, gl.RGBA8, gl.COLOR_ATTACHMENT0)
	if samples > 0 {
		attach(&f.depth, gl.DEPTH_COMPONENT24, gl.DEPTH_ATTACHMENT)
	} else {
		gl.GenTextures(1, &f.depth)
		gl.BindTexture(gl.TEXTURE_2D, f.depth)
		gl.TexImage2D(gl.TEXTURE_2D, 0, gl.DEPTH_COMPONENT24, int32(w), int32(h), 0, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT, nil)
		gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
		gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
		gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
		gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
		gl.FramebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, f.depth, 0)
	}
	if s := gl.CheckFramebufferStatus(gl.FRAMEBUFFER); s != gl.FRAMEBUFFER_COMPLETE {
		return f, fmt.Errorf("framebuffer of %d x %d: status %#x", w, h, s)
	}
	return f, nil
}

func (t *target) bind() {
	id := t.plain.id
	if t.samples > 0 {
		id = t.multi.id
	}
	gl.BindFramebuffer(gl.FRAMEBUFFER, id)
}

// resolve brings colours and depths into the plain framebuffer.
func (t *target) resolve() {
	if t.samples == 0 {
		return
	}
	w, h := int32(t.w), int32(t.h)
	gl.BindFramebuffer(gl.READ_FRAMEBUFFER, t.multi.id)
	gl.BindFramebuffer(gl.DRAW_FRAMEBUFFER, t.plain.id)
	gl.BlitFramebuffer(0, 0, w, h, 0, 0, w, h, gl.COLOR_BUFFER_BIT|gl.DEPTH_BUFFER_BIT, gl.NEAREST)
}

// read copies the resolved pixels to an image, whose first row is the upper one.
func (t *target) read(out *image.NRGBA) {
	w, h := int32(t.w), int32(t.h)
	gl.BindFramebuffer(gl.READ_FRAMEBUFFER, t.plain.id)
	gl.PixelStorei(gl.PACK_ALIGNMENT, 1)
	gl.ReadPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, unsafe.Pointer(&out.Pix[0]))
	row := make([]byte, out.Stride)
	for y := range t.h / 2 {
		a, b := out.Pix[y*out.Stride:][:out.Stride], out.Pix[(t.h-1-y)*out.Stride:][:out.Stride]
		copy(row, a)
		copy(a, b)
		copy(b, row)
	}
	straighten(out.Pix)
}

// straighten divides colours by their alpha, which the shaders multiplied in.
func straighten(pix []uint8) {
	for i := 0; i < len(pix); i += 4 {
		if a := uint32(pix[i+3]); a != 255 && a != 0 {
			for k := range 3 {
				pix[i+k] = uint8(min((uint32(pix[i+k])*255+a/2)/a, 255))
			}
		}
	}
}

func (t *target) release() {
	for _, f := range []*framebuffer{&t.plain, &t.multi} {
		if f.id != 0 {
			gl.DeleteFramebuffers(1, &f.id)
			gl.DeleteRenderbuffers(1, &f.color)
		}
	}
	if t.plain.id != 0 {
		gl.DeleteTextures(1, &t.plain.depth)
		gl.DeleteFramebuffers(1, &t.wash)
	}
	if t.multi.id != 0 {
		gl.DeleteRenderbuffers(1, &t.multi.depth)
	}
	t.plain, t.multi, t.wash = framebuffer{}, framebuffer{}, 0
	t.w, t.h = 0, 0
}
